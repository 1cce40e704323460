using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class RunStoreOptionsValidator : IValidateOptions<RunStoreOptions>
{
    private readonly RunStoreOptionsAttributeValidator _attributes = new();

    public ValidateOptionsResult Validate(string? name, RunStoreOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:Store");
        errors.Add(_attributes.Validate(name, options));
        errors.AddIfNotPositive(options.Retention, nameof(options.Retention));
        errors.AddIfNotPositive(options.IdempotencyRetention, nameof(options.IdempotencyRetention));
        errors.AddIfNotPositive(options.SessionRetention, nameof(options.SessionRetention));
        return errors.ToResult();
    }
}
