using System.Text.RegularExpressions;

namespace AgentHosting.Core.Tests.Architecture;

/// <summary>Reads, from source, which folder of a project names which namespace. Compiled assemblies would miss constants, which leave no trace there.</summary>
internal static partial class SourceDependencies
{
    public static IEnumerable<(string File, string From, string To)> Of(string projectFolder, string rootNamespace)
    {
        foreach (var file in Directory.EnumerateFiles(projectFolder, "*.cs", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(projectFolder, file);
            var separator = relative.IndexOf(Path.DirectorySeparatorChar, StringComparison.Ordinal);
            var from = separator < 0 ? "" : relative[..separator];
            foreach (var to in In(File.ReadAllText(file), rootNamespace))
            {
                if (to != from)
                {
                    yield return (relative, from, to);
                }
            }
        }
    }

    /// <summary>The folders that a source text names, by a using or in full.</summary>
    public static IEnumerable<string> In(string source, string rootNamespace)
    {
        var code = Comments().Replace(source, "");
        return Regex.Matches(code, $@"(?<!namespace\s+)\b{Regex.Escape(rootNamespace)}\.([A-Z]\w*)")
            .Select(match => match.Groups[1].Value)
            .Distinct(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex Comments();
}
