namespace AgentHosting.Pricing.Internal;

/// <summary>
/// Estimates the tokens of a text on the high side, from its shape: byte-pair encodings know common words and their parts, and cut what they do not know into letters and
/// bytes. <c>TokenEstimatorTests</c> compares it with exact counts.
/// </summary>
internal static class InputScanner
{
    private const int None = 0;
    private const int Letters = 1;
    private const int Digits = 2;
    private const int Space = 3;

    // A word's first tokens hold four letters; what is longer is compound or no word.
    private const int LettersPerToken = 4;
    private const int LettersOfWord = 8;
    private const int LettersPerTokenBeyond = 2;
    private const int DigitsPerToken = 2;

    // So many consonants in a row are in few words, and each further one is a token: keys, ids, base64.
    private const int ConsonantsInARow = 3;

    // The letters a, e, i, o, u and y.
    private const uint Vowels = (1u << 0) | (1u << 4) | (1u << 8) | (1u << 14) | (1u << 20) | (1u << 24);

    // The letters j, q, x and z, which are tokens of their own where letters come at random.
    private const uint RareLetters = (1u << 9) | (1u << 16) | (1u << 23) | (1u << 25);

    // A piece of a word that is shorter than this, before a capital, is a sign of letters that come at random; so is a digit before a letter.
    private const int ShortestPiece = 3;

    public static long Count(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        long otherThirds = 0;
        // The run of one kind of characters that the scan is in, its length, and how many more of them the token takes that it is in.
        var (run, length, room) = (None, 0, 0);
        var (consonants, capitals) = (0, 0);
        var isOdd = false;
        foreach (var letter in text)
        {
            if (letter > 127)
            {
                otherThirds += ThirdsOf(letter);
                run = None;
                continue;
            }

            if (char.IsAsciiLetter(letter))
            {
                var isCapital = letter < 'a';
                // A capital within a word begins a new piece, and so does what follows several of them, as in names of code.
                if (run != Letters || (isCapital ? capitals == 0 : capitals > 1))
                {
                    isOdd = run == Digits || (run == Letters && length < ShortestPiece);
                    (run, length, room, consonants, capitals) = (Letters, 0, 0, 0, 0);
                }
                else
                {
                    isOdd = false;
                }

                capitals = isCapital ? capitals + 1 : 0;
                var bit = 1u << ((letter | 0x20) - 'a');
                consonants = (Vowels & bit) == 0 ? consonants + 1 : 0;
                if (room == 0 || consonants >= ConsonantsInARow || (RareLetters & bit) != 0)
                {
                    tokens++;
                    room = isOdd ? 1 : length < LettersOfWord ? LettersPerToken : LettersPerTokenBeyond;
                }

                room--;
                length++;
            }
            else if (char.IsAsciiDigit(letter))
            {
                if (run != Digits || room == 0)
                {
                    tokens++;
                    (run, room) = (Digits, DigitsPerToken);
                }

                room--;
            }
            else if (letter is ' ' or '\t' or '\r' or '\n')
            {
                // One space goes with the word after it; a line end or an indentation is a token.
                if (run != Space)
                {
                    tokens += letter == ' ' ? 0 : 1;
                    (run, room) = (Space, 1);
                }
                else if (room == 1)
                {
                    tokens++;
                    room = 0;
                }
            }
            else
            {
                tokens++;
                run = None;
            }
        }

        return tokens + ((otherThirds + 2) / 3);
    }

    /// <summary>How many thirds of a token a character takes at most; three for each of its UTF-8 bytes where the encodings know few of its script.</summary>
    private static int ThirdsOf(char letter) => letter switch
    {
        <= '\u017F' => 4, // Latin with accents
        >= '\u0370' and <= '\u03FF' => 4, // Greek
        >= '\u0400' and <= '\u045F' => 4, // Cyrillic
        >= '\u05D0' and <= '\u05EA' => 4, // Hebrew
        >= '\u0620' and <= '\u064A' => 4, // Arabic
        <= '\u07FF' => 6,
        >= '\u0900' and <= '\u097F' => 6, // Devanagari
        >= '\u0E00' and <= '\u0E7F' => 6, // Thai
        >= '\u1E00' and <= '\u1EFF' => 6, // Vietnamese
        >= '\u2010' and <= '\u2026' => 6, // dashes, quotation marks
        >= '\u2500' and <= '\u257F' => 6, // lines of tables
        >= '\u3000' and <= '\u30FF' => 6, // Japanese
        >= '\u4E00' and <= '\u9FFF' => 7, // Chinese characters: most take one or two, the rarest three
        >= '\uAC00' and <= '\uD7A3' => 7, // Korean
        >= '\uD800' and <= '\uDFFF' => 6, // one half of a pair, which has four bytes
        >= '\uFF00' and <= '\uFF5E' => 6, // wide forms
        _ => 9,
    };
}
