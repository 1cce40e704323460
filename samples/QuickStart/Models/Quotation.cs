using System.Text.RegularExpressions;
using QuickStart.Search;

namespace QuickStart.Models;

/// <summary>Picks the sentences of a section that answer a question best, in the order of the text.</summary>
internal static partial class Quotation
{
    private const int MaxSentences = 2;

    public static IReadOnlyList<string> From(string text, IReadOnlyCollection<string> terms)
    {
        var sentences = Sentences(text).Select(static sentence => new Candidate(sentence, SearchTerms.Of(sentence))).ToArray();
        var weights = terms.ToDictionary(
            static term => term,
            term => 1.0 / (1 + sentences.Count(sentence => sentence.Terms.Contains(term))),
            StringComparer.Ordinal);
        var ranked = sentences
            .Select((sentence, position) => new Ranked(
                sentence.Text, position, weights.Where(pair => sentence.Terms.Contains(pair.Key)).Sum(static pair => pair.Value)))
            .OrderByDescending(static candidate => candidate.Score)
            .ThenBy(static candidate => candidate.Position)
            .ToArray();

        // A section that matches by its heading alone is quoted from its start; a much weaker second sentence is left out.
        return
        [
            .. ranked
                .Where(candidate => candidate.Score >= ranked[0].Score / 2)
                .Take(MaxSentences)
                .OrderBy(static candidate => candidate.Position)
                .Select(static candidate => candidate.Text),
        ];
    }

    private static IEnumerable<string> Sentences(string text)
    {
        string[]? header = null;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith('|'))
            {
                header = null;
                foreach (var sentence in SentenceEnd().Split(line.TrimStart('-', '*', ' ')))
                {
                    yield return sentence.Trim();
                }
            }
            else if (header is null)
            {
                header = Cells(line);
            }
            else if (!line.All(static character => character is '|' or '-' or ':' or ' '))
            {
                yield return Row(header, Cells(line));
            }
        }
    }

    /// <summary>A table row as a sentence. The heading of the first column is left out: its cell names the row.</summary>
    private static string Row(string[] header, string[] cells) =>
        string.Join("; ", cells.Select((cell, column) => column == 0 || column >= header.Length ? cell : $"{header[column]}: {cell}")) + ".";

    private static string[] Cells(string row) => row.Trim('|').Split('|', StringSplitOptions.TrimEntries);

    [GeneratedRegex(@"(?<=[.!?])\s+(?=[\p{Lu}\d])", RegexOptions.CultureInvariant)]
    private static partial Regex SentenceEnd();

    private sealed record Candidate(string Text, IReadOnlyList<string> Terms);

    private sealed record Ranked(string Text, int Position, double Score);
}
