using Microsoft.Extensions.Options;

namespace AgentHosting.Retries.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class RetryOptionsValidator : IValidateOptions<RetryOptions>
{
    public ValidateOptionsResult Validate(string? name, RetryOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<RetryOptions>(name));
        errors.AddAttributes(options);
        errors.AddIfNegative(options.BaseDelay, nameof(options.BaseDelay), OptionsErrors.OneDay);
        errors.AddIfNegative(options.MaxDelay, nameof(options.MaxDelay), OptionsErrors.OneDay);
        errors.AddIfNegative(options.MaxRetryAfter, nameof(options.MaxRetryAfter), OptionsErrors.OneDay);
        errors.AddIf(
            options.MaxDelay < options.BaseDelay, nameof(options.MaxDelay), options.MaxDelay, $"Use at least the BaseDelay of {options.BaseDelay}.");
        if (options.TotalTimeout is { } total)
        {
            errors.AddIfNotPositive(total, nameof(options.TotalTimeout), OptionsErrors.OneDay);
        }

        return errors.ToResult();
    }
}
