using Microsoft.Extensions.Options;

namespace AgentHosting.Redis.Internal;

/// <summary>Names the configuration key of what is wrong, and what to use instead.</summary>
internal sealed class RedisOptionsValidator : IValidateOptions<RedisOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        var errors = new OptionsErrors(RedisConfiguration.Section);
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.CommandTimeout, nameof(options.CommandTimeout), OptionsErrors.OneDay);
        errors.AddIf(!Enum.IsDefined(options.Durability), nameof(options.Durability), options.Durability, "Use Fast or Replicated.");
        return errors.ToResult();
    }
}
