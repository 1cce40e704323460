namespace QuickStart.Search;

/// <summary>A section that matches a query, as the model reads it.</summary>
internal sealed class SearchHit
{
    /// <summary>The file name.</summary>
    public required string File { get; init; }

    /// <summary>Title of the document and heading of the section.</summary>
    public required string Heading { get; init; }

    /// <summary>The text of the section.</summary>
    public required string Text { get; init; }

    /// <summary>The BM25 score; only comparable within one search.</summary>
    public required double Score { get; init; }

    /// <summary>How much of the query the section covers, 0 to 1, rare words counting more than frequent ones.</summary>
    public required double Coverage { get; init; }
}
