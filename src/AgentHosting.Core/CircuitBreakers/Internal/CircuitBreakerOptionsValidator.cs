using Microsoft.Extensions.Options;

namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class CircuitBreakerOptionsValidator : IValidateOptions<CircuitBreakerOptions>
{
    public ValidateOptionsResult Validate(string? name, CircuitBreakerOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<CircuitBreakerOptions>(name));
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.Window, nameof(options.Window), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.OpenDuration, nameof(options.OpenDuration), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.MaxOpenDuration, nameof(options.MaxOpenDuration), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.ProbeLease, nameof(options.ProbeLease), OptionsErrors.OneDay);
        errors.AddIfNegative(options.RateLimitPause, nameof(options.RateLimitPause), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.MaxRateLimitPause, nameof(options.MaxRateLimitPause), OptionsErrors.OneDay);
        errors.AddIf(
            options.RateLimitPause > options.MaxRateLimitPause,
            nameof(options.RateLimitPause),
            options.RateLimitPause,
            $"Use at most the MaxRateLimitPause of {options.MaxRateLimitPause}.");
        errors.AddIf(
            options.MaxOpenDuration < options.OpenDuration,
            nameof(options.MaxOpenDuration),
            options.MaxOpenDuration,
            $"Use at least the OpenDuration of {options.OpenDuration}.");
        errors.AddIf(options.Key is { Length: 0 }, nameof(options.Key), "empty", "Give it a name, or leave it out for the model's.");
        return errors.ToResult();
    }
}
