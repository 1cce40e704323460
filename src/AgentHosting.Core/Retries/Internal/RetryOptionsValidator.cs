using Microsoft.Extensions.Options;

namespace AgentHosting.Retries.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class RetryOptionsValidator : IValidateOptions<RetryOptions>
{
    private readonly RetryOptionsAttributeValidator _attributes = new();

    public ValidateOptionsResult Validate(string? name, RetryOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<RetryOptions>(name));
        errors.Add(_attributes.Validate(name, options));
        errors.AddIfNegative(options.BaseDelay, nameof(options.BaseDelay));
        errors.AddIfNegative(options.MaxDelay, nameof(options.MaxDelay));
        errors.AddIfNegative(options.MaxRetryAfter, nameof(options.MaxRetryAfter));
        errors.AddIf(
            options.MaxDelay < options.BaseDelay, nameof(options.MaxDelay), options.MaxDelay, $"Use at least the BaseDelay of {options.BaseDelay}.");
        if (options.TotalTimeout is { } total)
        {
            errors.AddIfNotPositive(total, nameof(options.TotalTimeout));
        }

        return errors.ToResult();
    }
}
