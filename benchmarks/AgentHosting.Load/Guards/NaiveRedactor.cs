using System.Text.RegularExpressions;

namespace AgentHosting.Load.Guards;

/// <summary>The baseline: a few expressions run over each piece of a stream, which finds nothing that is cut.</summary>
internal static class NaiveRedactor
{
    private static readonly Regex[] Patterns =
    [
        new(@"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", RegexOptions.Compiled),
        new(@"\b(?:\d[ -]?){13,19}\b", RegexOptions.Compiled),
        new(@"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}\b", RegexOptions.Compiled),
        new(@"\b\d{3}-\d{2}-\d{4}\b", RegexOptions.Compiled),
        new(@"\b(?:\d{1,3}\.){3}\d{1,3}\b", RegexOptions.Compiled),
        new(@"\+\d[\d ().-]{7,16}\d", RegexOptions.Compiled),
        new(@"\b(?:sk-[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36}|eyJ[\w-]+\.[\w-]+\.[\w-]+)", RegexOptions.Compiled),
        new(@"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----", RegexOptions.Compiled),
    ];

    public static string Redact(string piece)
    {
        foreach (var pattern in Patterns)
        {
            piece = pattern.Replace(piece, "[X]");
        }

        return piece;
    }
}
