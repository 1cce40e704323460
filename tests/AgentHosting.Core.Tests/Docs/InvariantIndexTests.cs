using System.Text.RegularExpressions;
using AgentHosting.Core.Tests.Architecture;

namespace AgentHosting.Core.Tests.Docs;

/// <summary>docs/invariants.md names tests that exist, for every invariant.</summary>
public sealed partial class InvariantIndexTests
{
    // Parts that are not built yet.
    private static readonly string[] WithoutTest = ["L2"];

    private static readonly string[] Ids =
    [
        .. Numbered("F", 1, 5), "F8", "F9", "F11", .. Numbered("W", 1, 5), .. Numbered("K", 1, 11), .. Numbered("S", 1, 8), .. Numbered("T", 1, 4), .. Numbered("C", 1, 8), .. Numbered("B", 1, 12), .. Numbered("U", 1, 4), .. Numbered("L", 1, 6),
        .. Numbered("H", 1, 3), "N1", .. Numbered("V", 1, 7), .. Numbered("D", 1, 7), .. Numbered("I", 1, 9), .. Numbered("R", 1, 5), .. Numbered("R", 7, 13), .. Numbered("R", 15, 20),
    ];

    private static readonly (string Id, string[] Tests)[] Rows = Read();

    [Fact]
    public void Index_EveryInvariant_HasARowAndATest()
    {
        Assert.Equal(Ids, Rows.Select(static row => row.Id).Distinct());
        Assert.Equal(WithoutTest, Rows.Where(static row => row.Tests.Length == 0).Select(static row => row.Id));
    }

    [Fact]
    public void Index_EveryTestNamed_Exists()
    {
        var tests = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "tests"), "*.cs", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            if (TypeName().Match(text) is { Success: true } type)
            {
                tests.UnionWith(TestMethod().Matches(text).Select(method => $"{type.Groups[1].Value}.{method.Groups[1].Value}"));
            }
        }

        Assert.True(tests.Count > 500, $"Only {tests.Count} tests were found in the source: the pattern is wrong.");
        Assert.Empty(Rows.SelectMany(static row => row.Tests).Except(tests));
    }

    private static (string Id, string[] Tests)[] Read() =>
        [.. File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "invariants.md"))
            .Select(static line => Row().Match(line))
            .Where(static row => row.Success)
            .Select(static row => (row.Groups[1].Value, Name().Matches(row.Groups[2].Value).Select(static name => name.Groups[1].Value).ToArray()))];

    private static IEnumerable<string> Numbered(string letter, int first, int last) => Enumerable.Range(first, last - first + 1).Select(number => $"{letter}{number}");

    [GeneratedRegex(@"^\| ([A-Z]\d+) \| [^|]+ \|([^|]*)\|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"^public (?:sealed |abstract )?(?:partial )?class (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeName();

    // The attribute that makes a test of the method, others, and the method.
    [GeneratedRegex(@"^    \[(?:Fact|Theory)[^\n]*\]\n(?:    (?:\[|//)[^\n]*\n)*    public (?:async )?(?:Task|ValueTask|void) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex TestMethod();
}
