using System.Globalization;

namespace AgentHosting.Load.Options;

/// <summary>The options given on the command line, as <c>--name value</c>.</summary>
internal sealed class LoadOptions
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public static LoadOptions Parse(IReadOnlyList<LoadOption> known, ReadOnlySpan<string> args)
    {
        var options = new LoadOptions();
        foreach (var option in known)
        {
            options._values[option.Name] = option.Default;
        }

        for (var i = 0; i < args.Length; i += 2)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : null;
            if (name is null || !options._values.ContainsKey(name))
            {
                throw new LoadOptionException($"There is no option '{args[i]}'. Use: {string.Join(", ", known.Select(option => "--" + option.Name))}.");
            }

            options._values[name] = i + 1 < args.Length ? args[i + 1] : throw new LoadOptionException($"{args[i]} lacks a value.");
        }

        return options;
    }

    public string Text(string name) => _values[name];

    public int Number(string name) => int.TryParse(_values[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new LoadOptionException($"--{name} is '{_values[name]}', which is no whole number from 0.");
}
