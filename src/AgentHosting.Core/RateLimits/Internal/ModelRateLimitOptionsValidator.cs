using Microsoft.Extensions.Options;

namespace AgentHosting.RateLimits.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class ModelRateLimitOptionsValidator : IValidateOptions<ModelRateLimitOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelRateLimitOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<ModelRateLimitOptions>(name));
        errors.AddAttributes(options);
        errors.AddIfNegative(options.MaxWait, nameof(options.MaxWait), OptionsErrors.OneDay);
        errors.AddIf(!Enum.IsDefined(options.LimiterFailure), nameof(options.LimiterFailure), options.LimiterFailure, "Use Allow or Reject.");
        errors.AddIf(options.Key is not null && string.IsNullOrWhiteSpace(options.Key), nameof(options.Key), options.Key, "Give it a value, or leave it out for the name of the model.");
        return errors.ToResult();
    }
}
