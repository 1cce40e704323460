using Microsoft.ML.Tokenizers;

namespace AgentHosting.Tokenizers.Internal;

/// <summary>Counts texts with one encoding, in time that grows with their length.</summary>
internal sealed class TextTokens
{
    // The time of merging grows with the square of an unbroken run of letters, or of spaces and marks. What is longer than this is no word: it is cut, which adds a token or so.
    private const int LongestRun = 512;

    private static readonly Lazy<TextTokens> O200k = new(static () => new TextTokens(TiktokenTokenizer.CreateForEncoding("o200k_base")));
    private static readonly Lazy<TextTokens> Cl100k = new(static () => new TextTokens(TiktokenTokenizer.CreateForEncoding("cl100k_base")));
    private readonly TiktokenTokenizer _tokenizer;

    private TextTokens(TiktokenTokenizer tokenizer) => _tokenizer = tokenizer;

    public static TextTokens Of(TokenEncoding encoding) => encoding == TokenEncoding.Cl100kBase ? Cl100k.Value : O200k.Value;

    public long Count(string? text) => Count(text.AsSpan());

    public long Count(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        var (begin, letters, others) = (0, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            letters = MayBeOfAWord(text[i]) ? letters + 1 : 0;
            others = char.IsLetterOrDigit(text[i]) ? 0 : others + 1;
            // What stands in a text as "<|endoftext|>" is text to the provider, but one token to the tokenizer, unless it is cut.
            var isMark = i > 0 && text[i] == '|' && text[i - 1] == '<';
            if (isMark || (Math.Max(letters, others) > LongestRun && !IsWithinPair(text, i)))
            {
                tokens += _tokenizer.CountTokens(text[begin..i]);
                (begin, letters, others) = (i, 1, 1);
            }
        }

        return begin == text.Length ? tokens : tokens + _tokenizer.CountTokens(text[begin..]);
    }

    // The encodings split a text where letters meet other characters, and nowhere else for certain: marks of any script, spaces and line ends may be one piece.
    // What is neither ASCII nor a letter is of both: half of a rare letter or of a picture, or an accent, which belongs to the letter before it.
    private static bool MayBeOfAWord(char letter) => char.IsLetterOrDigit(letter) || (letter > 127 && !char.IsWhiteSpace(letter));

    private static bool IsWithinPair(ReadOnlySpan<char> text, int index) =>
        index > 0 && char.IsLowSurrogate(text[index]) && char.IsHighSurrogate(text[index - 1]);
}
