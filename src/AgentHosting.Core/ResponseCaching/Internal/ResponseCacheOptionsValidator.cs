using Microsoft.Extensions.Options;

namespace AgentHosting.ResponseCaching.Internal;

internal sealed class ResponseCacheOptionsValidator : IValidateOptions<ResponseCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, ResponseCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new OptionsErrors(StageSection.KeyOf<ResponseCacheOptions>(name));
        errors.Add(new ResponseCacheOptionsAttributeValidator().Validate(name, options));
        errors.AddIfNotPositive(options.TimeToLive, nameof(options.TimeToLive));
        errors.AddIfNotPositive(options.StoreTimeout, nameof(options.StoreTimeout));
        errors.AddIfNotPositive(options.StoreBreakDuration, nameof(options.StoreBreakDuration));
        errors.AddIfNotPositive(options.LockLease, nameof(options.LockLease));
        errors.AddIf(
            options.SizeLimit > 0 && options.SizeLimit < options.MaxEntryBytes,
            nameof(options.SizeLimit),
            options.SizeLimit,
            $"Use 0 to keep nothing in this process, or at least MaxEntryBytes ({options.MaxEntryBytes}).");
        if (options.Semantic is { } semantic)
        {
            errors.AddIfNotPositive(semantic.EmbeddingTimeout, $"{nameof(options.Semantic)}:{nameof(semantic.EmbeddingTimeout)}");
            errors.AddIf(
                semantic.Enabled && options.SizeLimit == 0,
                nameof(options.SizeLimit),
                options.SizeLimit,
                "The semantic cache finds answers that this process keeps: use a limit above 0, or leave Semantic:Enabled off.");
            errors.AddIf(
                double.IsNaN(semantic.Threshold), $"{nameof(options.Semantic)}:{nameof(semantic.Threshold)}", semantic.Threshold, "Use a number from 0.95 to 1.");
        }

        return errors.ToResult();
    }
}
