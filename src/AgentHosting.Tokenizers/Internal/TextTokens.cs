using Microsoft.ML.Tokenizers;

namespace AgentHosting.Tokenizers.Internal;

/// <summary>Counts texts with one encoding, in time that grows with their length.</summary>
internal sealed class TextTokens
{
    // The time of merging grows with the square of an unbroken run of letters, spaces or marks. What is longer than this is no word: it is cut, which adds a token or so.
    private const int LongestRun = 512;

    private const int Letters = 1;
    private const int Spaces = 2;
    private const int Marks = 3;

    private static readonly Lazy<TextTokens> O200k = new(static () => new TextTokens(TiktokenTokenizer.CreateForEncoding("o200k_base")));
    private static readonly Lazy<TextTokens> Cl100k = new(static () => new TextTokens(TiktokenTokenizer.CreateForEncoding("cl100k_base")));
    private readonly TiktokenTokenizer _tokenizer;

    private TextTokens(TiktokenTokenizer tokenizer) => _tokenizer = tokenizer;

    public static TextTokens Of(TokenEncoding encoding) => encoding == TokenEncoding.Cl100kBase ? Cl100k.Value : O200k.Value;

    public long Count(string? text) => Count(text.AsSpan());

    public long Count(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        var (begin, run, kind) = (0, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var next = KindOf(text[i]);
            run = next == kind ? run + 1 : 1;
            kind = next;
            // What stands in a text as "<|endoftext|>" is text to the provider, but one token to the tokenizer, unless it is cut.
            var isMark = i > 0 && text[i] == '|' && text[i - 1] == '<';
            if (isMark || (run > LongestRun && !char.IsLowSurrogate(text[i])))
            {
                tokens += _tokenizer.CountTokens(text[begin..i]);
                (begin, run) = (i, 1);
            }
        }

        return begin == text.Length ? tokens : tokens + _tokenizer.CountTokens(text[begin..]);
    }

    private static int KindOf(char letter) => char.IsWhiteSpace(letter) ? Spaces : char.IsLetterOrDigit(letter) || letter > 127 ? Letters : Marks;
}
