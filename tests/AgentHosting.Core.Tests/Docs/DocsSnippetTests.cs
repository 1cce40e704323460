using System.Text.RegularExpressions;
using AgentHosting.Core.Tests.Architecture;

namespace AgentHosting.Core.Tests.Docs;

/// <summary>Code in the documentation is the code of a sample or test, word for word: <c>&lt;!-- snippet: FILE#REGION --&gt;</c> before the fence says which.</summary>
public sealed partial class DocsSnippetTests
{
    [Fact]
    public void Documentation_CSharpFences_AreCompiledSnippets()
    {
        var wrong = new List<string>();
        foreach (var page in Pages())
        {
            var text = File.ReadAllText(page);
            foreach (Match fence in Fence().Matches(text))
            {
                var source = fence.Groups["source"].Value;
                if (source.Length == 0)
                {
                    wrong.Add($"{page}: a C# fence without a snippet line before it");
                }
                else if (Region(source) is not { } region)
                {
                    wrong.Add($"{page}: there is no {source}");
                }
                else if (Normalize(region) != Normalize(fence.Groups["code"].Value))
                {
                    wrong.Add($"{page}: {source} differs from the page");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Documentation_RelativeLinks_LeadToFiles()
    {
        var wrong = from page in Pages()
                    from Match link in Link().Matches(File.ReadAllText(page))
                    let target = link.Groups["target"].Value.Split('#')[0]
                    where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                    let path = Path.GetFullPath(target, Path.GetDirectoryName(page)!)
                    where !File.Exists(path) && !Directory.Exists(path)
                    select $"{page}: {target}";

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(RepositoryRoot.Path, "*.md", SearchOption.TopDirectoryOnly)
            .Concat(new[] { "docs", "samples", "benchmarks" }
                .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, folder), "*.md", SearchOption.AllDirectories)));

    private static string? Region(string source)
    {
        var parts = source.Split('#');
        var file = Path.Combine(RepositoryRoot.Path, parts[0]);
        if (!File.Exists(file))
        {
            return null;
        }

        var text = File.ReadAllText(file);
        if (parts.Length == 1)
        {
            return text;
        }

        var match = Regex.Match(text, $@"^[ \t]*#region {Regex.Escape(parts[1])}[ \t]*\r?\n(?<code>.*?)^[ \t]*#endregion", RegexOptions.Singleline | RegexOptions.Multiline);
        return match.Success ? match.Groups["code"].Value : null;
    }

    // Indentation differs with the place: the least indented line counts as not indented.
    private static string Normalize(string code)
    {
        var lines = code.ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line.TrimEnd()).ToList();
        var indent = lines.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : line.TrimStart())).Trim();
    }

    [GeneratedRegex(@"(?:<!-- snippet: (?<source>\S+) -->\s*)?^```csharp\r?\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
