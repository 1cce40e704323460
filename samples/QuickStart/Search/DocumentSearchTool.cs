using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace QuickStart.Search;

/// <summary>The tool that searches the documents.</summary>
internal sealed class DocumentSearchTool(DocumentIndex index)
{
    public const string Name = "search_documents";
    private const int Top = 3;

    public static AIFunction Over(string folder) => new DocumentSearchTool(DocumentIndex.Load(folder)).AsFunction();

    public AIFunction AsFunction() => AIFunctionFactory.Create(Search, Name);

    [Description("Searches the support documents and returns the sections that match best, with file, heading, text and score.")]
    private SearchAnswer Search([Description("The words to look for, for example 'return window opened appliance'.")] string query)
    {
        var hits = index.Search(query, Top);
        return new SearchAnswer { Results = hits, Note = hits.Count == 0 ? "No section of the documents matches the query." : null };
    }
}
