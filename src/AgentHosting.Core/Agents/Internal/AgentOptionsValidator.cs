using Microsoft.Extensions.Options;

namespace AgentHosting.Agents.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class AgentOptionsValidator : IValidateOptions<AgentOptions>
{
    public ValidateOptionsResult Validate(string? name, AgentOptions options)
    {
        var errors = new OptionsErrors($"{AgentHostingConfiguration.Section}:Agents:{name}");
        errors.AddAttributes(options);
        errors.AddIf(
            options.Instructions is not null && options.InstructionsFile is not null,
            nameof(options.InstructionsFile),
            options.InstructionsFile,
            "Set Instructions or InstructionsFile, not both.");
        errors.AddIfNotPositive(options.ModelCallTimeout, nameof(options.ModelCallTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.BackgroundPollInterval, nameof(options.BackgroundPollInterval), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.ToolTimeout, nameof(options.ToolTimeout), OptionsErrors.OneDay);
        errors.AddIfNotPositive(options.MaxRunDuration, nameof(options.MaxRunDuration), OptionsErrors.ManyDays);
        errors.AddIfNotPositive(options.ExpireAfter, nameof(options.ExpireAfter), OptionsErrors.ManyDays);
        errors.AddIfNegative(options.RetryDelay, nameof(options.RetryDelay), OptionsErrors.OneDay);
        errors.AddIfNegative(options.MaxRetryDelay, nameof(options.MaxRetryDelay), OptionsErrors.OneDay);
        errors.AddIf(
            options.MaxRetryDelay < options.RetryDelay,
            nameof(options.MaxRetryDelay),
            options.MaxRetryDelay,
            $"Use at least the RetryDelay of {options.RetryDelay}.");
        return errors.ToResult();
    }
}
