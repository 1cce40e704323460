using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class RunStoreOptionsValidator : IValidateOptions<RunStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, RunStoreOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:Store");
        errors.AddAttributes(options);
        errors.AddIfNotPositive(options.Retention, nameof(options.Retention), OptionsErrors.ManyDays);
        errors.AddIfNotPositive(options.IdempotencyRetention, nameof(options.IdempotencyRetention), OptionsErrors.ManyDays);
        errors.AddIfNotPositive(options.SessionRetention, nameof(options.SessionRetention), OptionsErrors.ManyDays);
        errors.AddIfNotPositive(options.DeadLetterRetention, nameof(options.DeadLetterRetention), OptionsErrors.ManyDays);
        foreach (var (tenant, weight) in options.TenantWeights)
        {
            errors.AddIf(weight is < 1 or > 1_000, $"{nameof(options.TenantWeights)}:{tenant}", weight, "Use 1 to 1000.");
        }

        return errors.ToResult();
    }
}
