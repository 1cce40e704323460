using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class AgentWorkerOptionsValidator : IValidateOptions<AgentWorkerOptions>
{
    private static readonly TimeSpan MinLease = TimeSpan.FromSeconds(1);

    public ValidateOptionsResult Validate(string? name, AgentWorkerOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:Worker");
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.LeaseDuration, nameof(options.LeaseDuration), OptionsErrors.OneDay);
        errors.AddIf(
            options.LeaseDuration < MinLease, nameof(options.LeaseDuration), options.LeaseDuration, "Use at least 00:00:01: a lease has to outlast a pause of the process.");
        errors.AddIfNegative(options.DrainTimeout, nameof(options.DrainTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.MaxPollInterval, nameof(options.MaxPollInterval), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.SweepInterval, nameof(options.SweepInterval), OptionsErrors.OneDay);
        errors.AddIfNegative(options.EventFlushInterval, nameof(options.EventFlushInterval), OptionsErrors.OneDay);
        return errors.ToResult();
    }
}
