using System.Security.Cryptography;
using System.Text;

namespace AgentHosting.Guardrails.Internal;

/// <summary>The rules of one guard, read once from its options.</summary>
internal sealed class GuardPolicy
{
    // Raised when what is found or written changes, so that answers filtered by older rules are not taken from a cache.
    private const int RulesVersion = 3;

    public GuardPolicy(OutputGuardOptions options, TokenVault vault)
    {
        Scanner = new SensitiveDataScanner(options.Detectors);
        Replacements = new ReplacementWriter(options, vault);
        Tokens = Tokenized(options) is { Count: > 0 } kinds ? new TokenRestorer(vault, kinds) : null;
        Version = VersionOf(options);
    }

    public SensitiveDataScanner Scanner { get; }

    public ReplacementWriter Replacements { get; }

    /// <summary>Puts the values of tokens back; <see langword="null"/> where no kind is given tokens.</summary>
    public TokenRestorer? Tokens { get; }

    /// <summary>Differs for rules that differ.</summary>
    public string Version { get; }

    private static HashSet<string> Tokenized(OutputGuardOptions options)
    {
        var actions = new Dictionary<string, SensitiveDataAction>(options.Actions, StringComparer.OrdinalIgnoreCase);
        return SensitiveDataKinds.All.Concat(options.Detectors.Select(static detector => detector.Kind))
            .Where(kind => actions.GetValueOrDefault(kind, options.DefaultAction) == SensitiveDataAction.Tokenize).ToHashSet(StringComparer.Ordinal);
    }

    private static string VersionOf(OutputGuardOptions options)
    {
        var rules = new StringBuilder().Append(RulesVersion).Append('|').Append(options.PolicyVersion).Append('|').Append(options.DefaultAction).Append('|').Append(options.MaskKeep).Append('|')
            .Append(options.HashKey).Append('|').Append(options.FilterReasoning);
        foreach (var (kind, action) in options.Actions.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            rules.Append('|').Append(kind).Append('=').Append(action);
        }

        foreach (var value in options.AllowedValues.Order(StringComparer.Ordinal))
        {
            rules.Append('|').Append(value);
        }

        foreach (var detector in options.Detectors)
        {
            rules.Append('|').Append(detector.GetType().FullName).Append(':').Append(detector.Kind);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rules.ToString())))[..16];
    }
}
