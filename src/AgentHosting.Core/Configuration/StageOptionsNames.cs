using System.Diagnostics.CodeAnalysis;

namespace AgentHosting;

/// <summary>
/// Under which names code has registered the options of a stage. Their sections stand among the settings of the unnamed options, so what is there is
/// told apart by the names.
/// </summary>
internal sealed class StageOptionsNames<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>
{
    private readonly HashSet<string> _settings = new(typeof(TOptions).GetProperties().Select(static property => property.Name), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public void Add(string optionsName)
    {
        if (optionsName.Contains(':', StringComparison.Ordinal))
        {
            throw Unusable(optionsName, "holds a colon, which separates configuration keys. Use letters, digits, '-', '_' or '.'.");
        }

        if (IsSetting(optionsName))
        {
            throw Unusable(optionsName, $"is a setting of {typeof(TOptions).Name}: {StageSection.KeyOf<TOptions>(optionsName)} would mean both. Use another name.");
        }

        if (!_names.Add(optionsName) && !Contains(optionsName))
        {
            throw Unusable(optionsName, "differs from another one only in case, which configuration does not tell apart. Use another name.");
        }
    }

    public bool Contains(string name) => _names.TryGetValue(name, out var added) && added == name;

    /// <summary>Whether a key of the stage's section is the section of a name.</summary>
    public bool IsName(string key) => key.Length > 0 && _names.Contains(key);

    public bool IsSetting(string key) => _settings.Contains(key);

    /// <summary>The names, for a message.</summary>
    public override string ToString() =>
        _names.Count == 0 ? "none" : string.Join(", ", _names.Order(StringComparer.Ordinal).Select(static name => name.Length == 0 ? "the unnamed ones" : $"'{name}'"));

    private static ArgumentException Unusable(string optionsName, string why) => new($"The options name '{optionsName}' {why}", nameof(optionsName));
}
