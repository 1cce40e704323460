using System.Buffers;

namespace AgentHosting.Guardrails.Internal;

/// <summary>What characters are to the matchers. Scripts without spaces between words are no part of words here: a stream of them would be held back for long.</summary>
internal static class TextClasses
{
    /// <summary>How far back a match may begin before the character that gives it away, and so how much of a word a stream holds back.</summary>
    public const int MaxRun = 64;

    private const int End = 0x0590;
    private const byte Word = 1;
    private const byte Local = 2;
    private const byte Token = 4;
    private static readonly byte[] Classes = Build();

    /// <summary>A quote inside a string of JSON, as the scanner sees it: no text has it, so that it ends values but no strings.</summary>
    public const char EscapedQuote = '\u0001';

    /// <summary>Characters that a long secret goes on with.</summary>
    public static SearchValues<char> SecretTail { get; } = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=");

    /// <summary>A letter, a digit or an underscore.</summary>
    public static bool IsWord(char value) => value < End && (Classes[value] & Word) != 0;

    /// <summary>What the part of an e-mail address before the @ is made of.</summary>
    public static bool IsLocal(char value) => value < End && (Classes[value] & Local) != 0;

    /// <summary>What keys are made of: ASCII letters and digits, underscore, hyphen.</summary>
    public static bool IsToken(char value) => value < End && (Classes[value] & Token) != 0;

    /// <summary>Where the word begins that ends at <paramref name="end"/>, at most <see cref="MaxRun"/> back.</summary>
    public static int RunStart(ReadOnlySpan<char> text, int end, int floor)
    {
        var least = Math.Max(floor, end - MaxRun);
        var start = end;
        while (start > least && IsLocal(text[start - 1]))
        {
            start--;
        }

        return start;
    }

    private static byte[] Build()
    {
        var classes = new byte[End];
        for (var i = 0; i < End; i++)
        {
            var value = (char)i;
            var isLetterOrDigit = char.IsLetterOrDigit(value);
            var isWord = isLetterOrDigit || value == '_';
            var isLocal = isWord || ".%+-'".Contains(value, StringComparison.Ordinal) && value != '\'';
            var isToken = char.IsAsciiLetterOrDigit(value) || value is '_' or '-';
            classes[i] = (byte)((isWord ? Word : 0) | (isLocal ? Local : 0) | (isToken ? Token : 0));
        }

        return classes;
    }
}
