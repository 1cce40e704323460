using System.Buffers;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Characters in a text that nobody types.</summary>
internal static class InputCharacters
{
    private const string Invisibles = "\u00ad\u180e\u200b\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb";

    // Tags, U+E0000 to U+E007F: a copy of ASCII that is shown nowhere.
    private const char TagHigh = '\udb40';

    private static readonly string Controls = string.Concat(
        Enumerable.Range(0, 0xa0).Select(static code => (char)code).Where(static value => char.IsControl(value) && value is not ('\t' or '\n' or '\r')));

    private static readonly SearchValues<char> ControlValues = SearchValues.Create(Controls);
    private static readonly SearchValues<char> InvisibleValues = SearchValues.Create(Invisibles + TagHigh);

    public static bool IsInvisible(char value) => InvisibleValues.Contains(value) && value != TagHigh;

    public static bool HasControl(string text) => text.AsSpan().ContainsAny(ControlValues);

    public static bool HasInvisible(string text)
    {
        var rest = text.AsSpan();
        for (int at; (at = rest.IndexOfAny(InvisibleValues)) >= 0; rest = rest[(at + 1)..])
        {
            if (rest[at] != TagHigh || IsTag(rest, at))
            {
                return true;
            }
        }

        return false;
    }

    public static string Strip(string text, bool controls, bool invisibles)
    {
        var result = new System.Text.StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (invisibles && text[i] == TagHigh && IsTag(text, i))
            {
                i++;
            }
            else if (!(controls && ControlValues.Contains(text[i])) && !(invisibles && IsInvisible(text[i])))
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    private static bool IsTag(ReadOnlySpan<char> text, int at) => at + 1 < text.Length && text[at + 1] is >= '\udc00' and <= '\udc7f';
}
