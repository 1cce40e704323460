using Microsoft.Extensions.Options;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class SpendLedgerOptionsValidator : IValidateOptions<SpendLedgerOptions>
{
    public ValidateOptionsResult Validate(string? name, SpendLedgerOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:SpendLedger");
        errors.AddAttributes(options);
        errors.AddIf(
            options.Retention < TimeSpan.FromDays(1) || options.Retention > SpendLedgerDefaults.LongestRetention,
            nameof(options.Retention),
            options.Retention,
            "Use a day or more and at most 3650 days, for example 400.00:00:00.");
        errors.AddIf(
            options.IdleRetention < TimeSpan.FromHours(1) || options.IdleRetention > SpendLedgerDefaults.LongestRetention,
            nameof(options.IdleRetention),
            options.IdleRetention,
            "Use an hour or more and at most 3650 days, for example 30.00:00:00.");
        errors.AddIfNotPositive(options.SweepInterval, nameof(options.SweepInterval), OptionsErrors.OneDay);
        return errors.ToResult();
    }
}
