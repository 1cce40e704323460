namespace QuickStart.Search;

/// <summary>The text under one heading of a document.</summary>
internal sealed class DocumentSection
{
    /// <summary>The file name, for example <c>returns.md</c>.</summary>
    public required string File { get; init; }

    /// <summary>The title of the document: its first-level heading, else the file name.</summary>
    public required string Title { get; init; }

    /// <summary>The heading of the section.</summary>
    public required string Heading { get; init; }

    /// <summary>The Markdown below the heading.</summary>
    public required string Text { get; init; }
}
