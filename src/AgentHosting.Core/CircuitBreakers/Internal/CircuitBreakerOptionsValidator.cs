using Microsoft.Extensions.Options;

namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class CircuitBreakerOptionsValidator : IValidateOptions<CircuitBreakerOptions>
{
    private readonly CircuitBreakerOptionsAttributeValidator _attributes = new();

    public ValidateOptionsResult Validate(string? name, CircuitBreakerOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<CircuitBreakerOptions>(name));
        errors.Add(_attributes.Validate(name, options));
        errors.AddIf(double.IsNaN(options.FailureRatio), nameof(options.FailureRatio), options.FailureRatio, "Use a number above 0 and up to 1.");
        errors.AddIfNotPositive(options.Window, nameof(options.Window));
        errors.AddIfNotPositive(options.OpenDuration, nameof(options.OpenDuration));
        errors.AddIfNotPositive(options.MaxOpenDuration, nameof(options.MaxOpenDuration));
        errors.AddIfNotPositive(options.ProbeLease, nameof(options.ProbeLease));
        errors.AddIfNegative(options.RateLimitPause, nameof(options.RateLimitPause));
        errors.AddIf(
            options.MaxOpenDuration < options.OpenDuration,
            nameof(options.MaxOpenDuration),
            options.MaxOpenDuration,
            $"Use at least the OpenDuration of {options.OpenDuration}.");
        errors.AddIf(options.Key is { Length: 0 }, nameof(options.Key), "empty", "Give it a name, or leave it out for the model's.");
        return errors.ToResult();
    }
}
