namespace AgentHosting.Pricing.Internal;

/// <summary>
/// Estimates the tokens of an answer as closely as it can, from the shape of the text, as byte-pair encodings cut it: words into pieces of some letters, numbers into
/// groups of digits, marks in pairs, single spaces not at all. It goes on where the piece before ended, so that a text counts the same in whatever pieces it comes.
/// </summary>
internal struct TokenScanner
{
    private const int None = 0;
    private const int Letters = 1;
    private const int Digits = 2;
    private const int Space = 3;
    private const int Mark = 4;

    private const int LettersPerToken = 7;
    private const int DigitsPerToken = 3;
    private const int MarksPerToken = 2;
    private const int Twelfths = 12;

    // The kind of the run of characters that the scan is in, and how many more of them the token takes that it is in.
    private int _run;
    private int _room;
    private bool _wasLower;
    private long _tokens;
    private long _otherTwelfths;

    public readonly long Tokens => _tokens + ((_otherTwelfths + Twelfths - 1) / Twelfths);

    public static long Count(ReadOnlySpan<char> text)
    {
        var scanner = default(TokenScanner);
        scanner.Add(text);
        return scanner.Tokens;
    }

    public void Add(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (letter > 127)
            {
                _otherTwelfths += TwelfthsOf(letter);
                (_run, _wasLower) = (None, false);
                continue;
            }

            var kind = KindOf(letter);
            // A capital within a word begins a new piece, as in names of code.
            var isLower = kind == Letters && letter >= 'a';
            if (kind != _run || (_wasLower && !isLower))
            {
                // One space goes with the word after it; a line end or an indentation is a token.
                _tokens += kind == Space && letter != ' ' ? 1 : 0;
                (_run, _room) = (kind, kind == Space ? 1 : 0);
            }

            _wasLower = isLower;
            if (_room-- == 0)
            {
                _tokens++;
                _room = kind switch { Letters => LettersPerToken, Digits => DigitsPerToken, Mark => MarksPerToken, _ => int.MaxValue } - 1;
            }
        }
    }

    private static int KindOf(char letter) =>
        char.IsAsciiLetter(letter) ? Letters : char.IsAsciiDigit(letter) ? Digits : letter is ' ' or '\t' or '\r' or '\n' ? Space : Mark;

    /// <summary>The part of a token that a character takes, in scripts of which the encodings know words; in others a third for each of its UTF-8 bytes.</summary>
    private static int TwelfthsOf(char letter) => letter switch
    {
        >= '\u0370' and <= '\u03FF' => 6, // Greek
        >= '\u0400' and <= '\u045F' => 5, // Cyrillic
        >= '\u0620' and <= '\u064A' => 6, // Arabic
        <= '\u07FF' => 8,
        >= '\u0900' and <= '\u097F' => 6, // Devanagari
        >= '\u0E00' and <= '\u0E7F' => 7, // Thai
        >= '\u1E00' and <= '\u1EFF' => 6, // Vietnamese
        >= '\u2500' and <= '\u257F' => 6, // lines of tables
        >= '\uD800' and <= '\uDFFF' => 8, // one half of a pair, which has four bytes
        _ => 12,
    };
}
