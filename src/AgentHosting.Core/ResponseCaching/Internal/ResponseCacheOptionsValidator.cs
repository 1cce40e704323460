using Microsoft.Extensions.Options;

namespace AgentHosting.ResponseCaching.Internal;

internal sealed class ResponseCacheOptionsValidator : IValidateOptions<ResponseCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, ResponseCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new OptionsErrors(StageSection.KeyOf<ResponseCacheOptions>(name));
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.TimeToLive, nameof(options.TimeToLive), OptionsErrors.ManyDays);
        errors.AddIfNotPositive(options.StoreTimeout, nameof(options.StoreTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.StoreBreakDuration, nameof(options.StoreBreakDuration), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.LockLease, nameof(options.LockLease), OptionsErrors.OneDay);
        errors.AddIf(
            options.SizeLimit > 0 && options.SizeLimit < options.MaxEntryBytes,
            nameof(options.SizeLimit),
            options.SizeLimit,
            $"Use 0 to keep nothing in this process, or at least MaxEntryBytes ({options.MaxEntryBytes}).");
        if (options.Semantic is { } semantic)
        {
            errors.AddAttributes(semantic, nameof(options.Semantic));
            errors.AddIfNotPositive(semantic.EmbeddingTimeout, $"{nameof(options.Semantic)}:{nameof(semantic.EmbeddingTimeout)}", OptionsErrors.OneDay);
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
