namespace AgentHosting.Pricing.Internal;

/// <summary>
/// Estimates the tokens of an answer as closely as it can, from the shape of the text, as byte-pair encodings cut it: words into pieces of some letters, numbers into
/// groups of digits, marks one by one, single spaces not at all.
/// </summary>
internal static class TokenScanner
{
    private const int None = 0;
    private const int Letters = 1;
    private const int Digits = 2;
    private const int Space = 3;
    private const int Mark = 4;

    private const int LettersPerToken = 7;
    private const int DigitsPerToken = 3;
    private const int BytesPerToken = 3;

    public static long Count(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        long otherBytes = 0;
        // The kind of the run of characters that the scan is in, and how many more of them the token takes that it is in.
        var (run, room) = (None, 0);
        var wasLower = false;
        foreach (var letter in text)
        {
            if (letter > 127)
            {
                otherBytes += char.IsHighSurrogate(letter) ? 4 : char.IsLowSurrogate(letter) ? 0 : letter > 0x7FF ? 3 : 2;
                (run, wasLower) = (None, false);
                continue;
            }

            var kind = KindOf(letter);
            if (kind == Mark)
            {
                tokens++;
                (run, wasLower) = (None, false);
                continue;
            }

            // A capital within a word begins a new piece, as in names of code.
            var isLower = kind == Letters && letter >= 'a';
            if (kind != run || (wasLower && !isLower))
            {
                // One space goes with the word after it; a line end or an indentation is a token.
                tokens += kind == Space && letter != ' ' ? 1 : 0;
                (run, room) = (kind, kind == Space ? 1 : 0);
            }

            wasLower = isLower;
            if (room-- == 0)
            {
                tokens++;
                room = (kind == Letters ? LettersPerToken : kind == Digits ? DigitsPerToken : int.MaxValue) - 1;
            }
        }

        return tokens + ((otherBytes + BytesPerToken - 1) / BytesPerToken);
    }

    private static int KindOf(char letter) =>
        char.IsAsciiLetter(letter) ? Letters : char.IsAsciiDigit(letter) ? Digits : letter is ' ' or '\t' or '\r' or '\n' ? Space : Mark;
}
