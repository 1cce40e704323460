namespace QuickStart.Search;

/// <summary>What <c>search_documents</c> returns.</summary>
internal sealed class SearchAnswer
{
    /// <summary>The best sections, best first; empty when nothing matches.</summary>
    public required IReadOnlyList<SearchHit> Results { get; init; }

    /// <summary>Says so when nothing matches.</summary>
    public string? Note { get; init; }
}
