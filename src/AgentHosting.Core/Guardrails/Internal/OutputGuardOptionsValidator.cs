using Microsoft.Extensions.Options;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Names the configuration key of what is wrong.</summary>
internal sealed class OutputGuardOptionsValidator : IValidateOptions<OutputGuardOptions>
{
    private const int MinKey = 16;
    private const int MaxLength = 512;

    public ValidateOptionsResult Validate(string? name, OutputGuardOptions options)
    {
        var errors = new OptionsErrors(StageSection.KeyOf<OutputGuardOptions>(name));
        errors.AddAttributes(options);
        errors.AddIf(!Enum.IsDefined(options.DefaultAction), nameof(options.DefaultAction), options.DefaultAction, Actions);
        var known = SensitiveDataKinds.All.Concat(options.Detectors.Select(static detector => detector.Kind)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (kind, action) in options.Actions)
        {
            errors.AddIf(!known.Contains(kind), $"{nameof(options.Actions)}:{kind}", action, $"There is no such kind. Use one of: {string.Join(", ", known)}.");
            errors.AddIf(!Enum.IsDefined(action), $"{nameof(options.Actions)}:{kind}", action, Actions);
        }

        var hashes = options.DefaultAction == SensitiveDataAction.Hash || options.Actions.Values.Contains(SensitiveDataAction.Hash);
        if (hashes && (options.HashKey?.Length ?? 0) < MinKey)
        {
            // The key itself is not for a log.
            errors.AddIf(true, nameof(options.HashKey), options.HashKey is null ? null : "too short", $"Hashing needs a secret key of at least {MinKey} characters.");
        }

        foreach (var detector in options.Detectors)
        {
            var property = $"{nameof(options.Detectors)}:{detector.Kind}";
            errors.AddIf(
                detector.Kind.Length == 0 || !detector.Kind.All(static value => char.IsAsciiLetterUpper(value) || char.IsAsciiDigit(value) || value == '_'),
                property, detector.Kind, "Use capital letters, digits and underscores.");
            errors.AddIf(detector.TriggerCharacters.Length == 0, property, "without trigger characters", "Name those with which a match can begin.");
            errors.AddIf(detector.MaxLength is < 1 or > MaxLength, property, detector.MaxLength, $"Use a MaxLength from 1 to {MaxLength}.");
        }

        return errors.ToResult();
    }

    private static string Actions => $"Use one of: {string.Join(", ", Enum.GetNames<SensitiveDataAction>())}.";
}
