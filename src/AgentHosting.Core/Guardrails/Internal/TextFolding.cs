using System.Buffers;
using System.Text;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Characters that look like others, or like nothing, and what the matchers are shown instead.</summary>
internal static class TextFolding
{
    private const char FullWidthFirst = '\uff01';
    private const char FullWidthLast = '\uff5e';
    private const string Invisible =
        "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff";

    private const string Spaces = "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u205f\u3000";
    private const string Dashes = "\u2010\u2012\u2013\u2014\u2015\u2212";
    private static readonly SearchValues<char> Folded = SearchValues.Create(Invisible + Spaces + Dashes + Digits('\u0660') + Digits('\u06f0') + Digits('\u0966') + FullWidth());

    /// <summary>Whether a text has to be read character by character.</summary>
    public static bool IsNeeded(ReadOnlySpan<char> text) => text.Contains('\\') || (!Ascii.IsValid(text) && text.ContainsAny(Folded));

    /// <summary>Whether a reader sees nothing of it.</summary>
    public static bool IsInvisible(char value) => value >= '\u00ad' && Invisible.Contains(value, StringComparison.Ordinal);

    /// <summary>A dash, which stands for a hyphen only between digits: in prose it parts words.</summary>
    public static bool IsDash(char value) => value >= '\u2010' && Dashes.Contains(value, StringComparison.Ordinal);

    /// <summary>The ASCII character that it looks like.</summary>
    public static char Fold(char value) => value switch
    {
        < '\u0660' => value,
        <= '\u0669' => (char)(value - '\u0660' + '0'),
        >= '\u06f0' and <= '\u06f9' => (char)(value - '\u06f0' + '0'),
        >= '\u0966' and <= '\u096f' => (char)(value - '\u0966' + '0'),
        (>= '\u2000' and <= '\u200a') or '\u205f' or '\u3000' => ' ',
        >= FullWidthFirst and <= FullWidthLast => (char)(value - FullWidthFirst + '!'),
        _ => value,
    };

    private static string Digits(char zero) => string.Concat(Enumerable.Range(0, 10).Select(digit => (char)(zero + digit)));

    private static string FullWidth() => string.Concat(Enumerable.Range(FullWidthFirst, FullWidthLast - FullWidthFirst + 1).Select(static value => (char)value));
}
