using Microsoft.Extensions.Options;

namespace AgentHosting.Agents.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class AgentOptionsValidator : IValidateOptions<AgentOptions>
{
    private readonly AgentOptionsAttributeValidator _attributes = new();

    public ValidateOptionsResult Validate(string? name, AgentOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:Agents:{name}");
        errors.Add(_attributes.Validate(name, options));
        errors.AddIf(
            options.Instructions is not null && options.InstructionsFile is not null,
            nameof(options.InstructionsFile),
            options.InstructionsFile,
            "Set Instructions or InstructionsFile, not both.");
        errors.AddIfNotPositive(options.ModelCallTimeout, nameof(options.ModelCallTimeout));
        errors.AddIfNotPositive(options.ToolTimeout, nameof(options.ToolTimeout));
        errors.AddIfNotPositive(options.MaxRunDuration, nameof(options.MaxRunDuration));
        errors.AddIfNotPositive(options.ExpireAfter, nameof(options.ExpireAfter));
        errors.AddIfNegative(options.RetryDelay, nameof(options.RetryDelay));
        errors.AddIfNegative(options.MaxRetryDelay, nameof(options.MaxRetryDelay));
        errors.AddIf(
            options.MaxRetryDelay < options.RetryDelay,
            nameof(options.MaxRetryDelay),
            options.MaxRetryDelay,
            $"Use at least the RetryDelay of {options.RetryDelay}.");
        return errors.ToResult();
    }
}
