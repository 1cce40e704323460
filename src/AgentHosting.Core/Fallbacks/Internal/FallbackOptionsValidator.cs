using Microsoft.Extensions.Options;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>Names the configuration key of what is wrong, and the rules across fields.</summary>
internal sealed class FallbackOptionsValidator : IValidateOptions<FallbackOptions>
{
    public ValidateOptionsResult Validate(string? name, FallbackOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<FallbackOptions>(name));
        errors.AddAttributes(options);
        errors.AddIf(
            options.Models.Count == 0 && options.Clients.Count == 0 && options.LastResortMessage is null,
            nameof(options.Models),
            null,
            "Name at least one model to fall back to, or set Clients or LastResortMessage.");
        errors.AddIf(options.Models.Any(string.IsNullOrWhiteSpace), nameof(options.Models), "a list with an empty name", "Give each model its name.");
        errors.AddIf(
            options.Models.Distinct(StringComparer.Ordinal).Count() != options.Models.Count,
            nameof(options.Models),
            string.Join(", ", options.Models),
            "Name each model once: none is tried twice.");
        errors.AddIf(options.Clients.Any(static client => client is null), nameof(options.Clients), "a list with a null", "Leave it out.");
        errors.AddIf(options.LastResortMessage is { Length: 0 }, nameof(options.LastResortMessage), "empty", "Give it a text, or leave it out.");
        if (options.HedgeAfter is { } delay)
        {
            errors.AddIfNotPositive(delay, nameof(options.HedgeAfter), OptionsErrors.OneDay);
        }

        return errors.ToResult();
    }
}
