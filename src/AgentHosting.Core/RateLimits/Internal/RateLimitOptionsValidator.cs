using Microsoft.Extensions.Options;

namespace AgentHosting.RateLimits.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>
{
    public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:RateLimits");
        errors.AddAttributes(options);
        errors.AddIf(!Enum.IsDefined(options.LimiterFailure), nameof(options.LimiterFailure), options.LimiterFailure, "Use Allow or Reject.");
        return errors.ToResult();
    }
}
