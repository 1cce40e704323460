using Microsoft.Extensions.Options;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class InputGuardOptionsValidator : IValidateOptions<InputGuardOptions>
{
    public ValidateOptionsResult Validate(string? name, InputGuardOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<InputGuardOptions>(name));
        errors.AddAttributes(options);
        errors.AddIf(
            options.MaxTotalBytes < options.MaxMessageBytes, nameof(options.MaxTotalBytes), options.MaxTotalBytes, $"Use at least {nameof(options.MaxMessageBytes)}, {options.MaxMessageBytes}.");
        errors.AddIf(!Enum.IsDefined(options.ControlCharacters), nameof(options.ControlCharacters), options.ControlCharacters, "Use Strip, Reject or Allow.");
        errors.AddIf(!Enum.IsDefined(options.InvisibleCharacters), nameof(options.InvisibleCharacters), options.InvisibleCharacters, "Use Strip, Reject or Allow.");
        errors.AddIf(!Enum.IsDefined(options.Injection), nameof(options.Injection), options.Injection, "Use Ignore, Log, Tag or Block.");
        foreach (var type in options.AllowedMediaTypes)
        {
            errors.AddIf(!IsMediaType(type), nameof(options.AllowedMediaTypes), type ?? "null", "Use media types such as image/png or image/*.");
        }

        errors.AddIf(options.Validators.Contains(null!), nameof(options.Validators), "null", "Take it out of the list.");

        return errors.ToResult();
    }

    // A star for anything but a whole subtype would fit nothing, and silently.
    private static bool IsMediaType(string? type) =>
        type?.Split('/') is [{ Length: > 0 } kind, { Length: > 0 } subtype] && !kind.Contains('*') && (subtype == "*" || !subtype.Contains('*')) && type.Trim().Length == type.Length;
}
