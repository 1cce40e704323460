namespace AgentHosting.Providers.Tests;

/// <summary>The expected outcomes, as the documentation gives them: docs/fault-matrix.md.</summary>
internal static class FaultTable
{
    private static readonly string[][] Rows = Read();

    public static IEnumerable<string> FaultNames => Rows.Skip(1).Select(static row => row[0]);

    /// <summary>The cells of one pipeline: fault, shape, what is expected.</summary>
    public static TheoryData<string, bool, string> Column(string pipeline)
    {
        var column = Array.IndexOf(Rows[0], pipeline);
        var cells = new TheoryData<string, bool, string>();
        foreach (var row in Rows.Skip(1))
        {
            var shapes = row[column].Split(" / ");
            cells.Add(row[0], false, shapes[0]);
            cells.Add(row[0], true, shapes[^1]);
        }

        return cells;
    }

    private static string[][] Read()
    {
        using var stream = typeof(FaultTable).Assembly.GetManifestResourceStream("fault-matrix.md")!;
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
        return [.. lines
            .SkipWhile(static line => !line.StartsWith("| fault |", StringComparison.Ordinal))
            .TakeWhile(static line => line.StartsWith('|'))
            .Where(static line => !line.StartsWith("| ---", StringComparison.Ordinal))
            .Select(static line => line.Trim('|', ' ').Split(" | "))];
    }
}
