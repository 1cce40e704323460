namespace QuickStart.Search;

/// <summary>BM25 over the sections of a folder of Markdown documents.</summary>
internal sealed class DocumentIndex
{
    // The usual constants: how fast repeats of a term saturate, and how much long sections are held back.
    private const double Saturation = 1.2;
    private const double LengthWeight = 0.75;

    // A word in the heading says more about a section than one in its text.
    private const int HeadingWeight = 3;

    private readonly IndexedSection[] _sections;
    private readonly Dictionary<string, int> _sectionsWithTerm;
    private readonly double _averageLength;

    public DocumentIndex(IEnumerable<DocumentSection> sections)
    {
        _sections = [.. sections.Select(static section => new IndexedSection(section, Count(section)))];
        _sectionsWithTerm = _sections
            .SelectMany(static section => section.Terms.Keys)
            .GroupBy(static term => term, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);
        _averageLength = _sections.Length == 0 ? 1 : _sections.Average(static section => section.Length);
    }

    /// <summary>How many sections there are.</summary>
    public int SectionCount => _sections.Length;

    /// <summary>Reads the <c>*.md</c> files of a folder.</summary>
    public static DocumentIndex Load(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.md").Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0
            ? new DocumentIndex(files.SelectMany(static file => MarkdownSections.Split(Path.GetFileName(file), File.ReadAllText(file))))
            : throw new InvalidOperationException($"There is no document to search: '{folder}' holds no *.md file. Put documents there.");
    }

    /// <summary>Finds the sections that match best, best first. Empty when no term of the query occurs anywhere.</summary>
    public IReadOnlyList<SearchHit> Search(string query, int top)
    {
        var terms = SearchTerms.Of(query).Distinct(StringComparer.Ordinal).ToArray();
        var weight = terms.Sum(Rarity);
        return
        [
            .. _sections
                .Select(section => ToHit(section, terms, weight))
                .Where(static hit => hit.Score > 0)
                .OrderByDescending(static hit => hit.Score)
                .Take(top),
        ];
    }

    private static Dictionary<string, int> Count(DocumentSection section)
    {
        var heading = SearchTerms.Of(section.Heading);
        return Enumerable.Repeat(heading, HeadingWeight)
            .SelectMany(static terms => terms)
            .Concat(SearchTerms.Of(section.Title))
            .Concat(SearchTerms.Of(section.Text))
            .GroupBy(static term => term, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);
    }

    private SearchHit ToHit(IndexedSection section, string[] terms, double weight)
    {
        var score = 0.0;
        var covered = 0.0;
        foreach (var term in terms)
        {
            if (section.Terms.TryGetValue(term, out var count))
            {
                var length = 1 - LengthWeight + (LengthWeight * section.Length / _averageLength);
                score += Rarity(term) * count * (Saturation + 1) / (count + (Saturation * length));
                covered += Rarity(term);
            }
        }

        return new SearchHit
        {
            File = section.Source.File,
            Heading = section.Source.Heading == section.Source.Title ? section.Source.Title : $"{section.Source.Title}: {section.Source.Heading}",
            Text = section.Source.Text,
            Score = Math.Round(score, 3),
            Coverage = weight > 0 ? Math.Round(covered / weight, 3) : 0,
        };
    }

    private double Rarity(string term)
    {
        var with = _sectionsWithTerm.GetValueOrDefault(term);
        return Math.Log(1 + ((_sections.Length - with + 0.5) / (with + 0.5)));
    }

    private sealed record IndexedSection(DocumentSection Source, Dictionary<string, int> Terms)
    {
        public int Length { get; } = Terms.Values.Sum();
    }
}
