using Microsoft.Extensions.Options;

namespace AgentHosting.Timeouts.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class TimeoutOptionsValidator : IValidateOptions<TimeoutOptions>
{
    public ValidateOptionsResult Validate(string? name, TimeoutOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<TimeoutOptions>(name));
        errors.AddAttributes(options);
        Check(errors, options.Total, nameof(options.Total));
        Check(errors, options.FirstToken, nameof(options.FirstToken));
        Check(errors, options.Idle, nameof(options.Idle));
        return errors.ToResult();
    }

    private static void Check(OptionsErrors errors, TimeSpan? limit, string property)
    {
        if (limit is { } value)
        {
            errors.AddIfNotPositive(value, property, OptionsErrors.OneDay);
        }
    }
}
