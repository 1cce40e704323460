using Microsoft.Extensions.Options;

namespace AgentHosting.Alerts.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class SpendAlertsOptionsValidator : IValidateOptions<SpendAlertsOptions>
{
    public ValidateOptionsResult Validate(string? name, SpendAlertsOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<SpendAlertsOptions>(optionsName: null));
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.HandlerTimeout, nameof(options.HandlerTimeout), OptionsErrors.OneDay);
        errors.AddIfNegative(options.ShutdownTimeout, nameof(options.ShutdownTimeout), OptionsErrors.OneDay);
        return errors.ToResult();
    }
}
