using Microsoft.Extensions.Options;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class ContextWindowOptionsValidator : IValidateOptions<ContextWindowOptions>
{
    public ValidateOptionsResult Validate(string? name, ContextWindowOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<ContextWindowOptions>(name));
        errors.AddAttributes(options);
        errors.AddIf(
            options.ContextWindow <= options.ReserveTokens,
            nameof(options.ContextWindow),
            options.ContextWindow,
            $"Use more than the ReserveTokens of {options.ReserveTokens}.");
        return errors.ToResult();
    }
}
