namespace QuickStart.Search;

/// <summary>Cuts a Markdown document at its headings.</summary>
internal static class MarkdownSections
{
    public static IReadOnlyList<DocumentSection> Split(string file, string markdown)
    {
        var sections = new List<DocumentSection>();
        var body = new List<string>();
        string? title = null;
        string? heading = null;
        var inCode = false;
        foreach (var line in markdown.ReplaceLineEndings("\n").Split('\n'))
        {
            inCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!inCode && HeadingOf(line) is { } next)
            {
                Flush();
                title ??= next;
                heading = next;
            }
            else
            {
                body.Add(line);
            }
        }

        Flush();
        return sections;

        void Flush()
        {
            var text = string.Join('\n', body).Trim();
            body.Clear();
            if (text.Length > 0)
            {
                sections.Add(new DocumentSection { File = file, Title = title ?? file, Heading = heading ?? title ?? file, Text = text });
            }
        }
    }

    private static string? HeadingOf(string line)
    {
        var level = line.TakeWhile(static character => character == '#').Count();
        return level is >= 1 and <= 6 && line.Length > level && line[level] == ' ' ? line[level..].Trim() : null;
    }
}
