namespace AgentHosting.Pricing.Internal;

/// <summary>
/// Estimates tokens from the shape of a text, as byte-pair encodings cut it: words into pieces of some letters, numbers into groups of digits, marks one by one,
/// single spaces not at all.
/// </summary>
internal static class TokenScanner
{
    private const int None = 0;
    private const int Letters = 1;
    private const int Digits = 2;
    private const int Space = 3;

    /// <summary>Counts a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lettersPerToken">How many letters of a word one token holds at least.</param>
    /// <param name="digitsPerToken">How many digits of a number.</param>
    /// <param name="bytesPerTwoTokens">How many UTF-8 bytes of other scripts two tokens hold.</param>
    public static long Count(ReadOnlySpan<char> text, int lettersPerToken, int digitsPerToken, int bytesPerTwoTokens)
    {
        long tokens = 0;
        long otherBytes = 0;
        var (run, length) = (None, 0);
        var wasLower = false;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter > 127)
            {
                otherBytes += char.IsHighSurrogate(letter) ? 4 : char.IsLowSurrogate(letter) ? 0 : letter > 0x7FF ? 3 : 2;
                (run, length) = (None, 0);
                continue;
            }

            var kind = char.IsAsciiLetter(letter) ? Letters : char.IsAsciiDigit(letter) ? Digits : letter is ' ' or '\t' or '\r' or '\n' ? Space : None;
            // A capital within a word begins a new piece, as in names of code.
            if (kind != run || (kind == Letters && wasLower && char.IsAsciiLetterUpper(letter)))
            {
                (run, length) = (kind, 0);
            }

            wasLower = kind == Letters && char.IsAsciiLetterLower(letter);
            tokens += kind switch
            {
                Letters => length % lettersPerToken == 0 ? 1 : 0,
                Digits => length % digitsPerToken == 0 ? 1 : 0,
                // One space goes with the word after it; a line end or an indentation is a token.
                Space => length == 1 || (length == 0 && letter != ' ') ? 1 : 0,
                _ => 1,
            };
            length++;
        }

        return tokens + (((2 * otherBytes) + bytesPerTwoTokens - 1) / bytesPerTwoTokens);
    }
}
