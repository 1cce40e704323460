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
    private const int AnyKind = 3;
    private const int Capital = 4;
    private const int Consonant = 8;
    private const int Rare = 16;

    // A word's first tokens hold four letters; what is longer is compound or no word.
    private const int LettersPerToken = 4;
    private const int LettersOfWord = 8;
    private const int LettersPerTokenBeyond = 2;
    private const int DigitsPerToken = 2;

    // So many consonants in a row are in few words, and each further one is a token: keys, ids, base64.
    private const int ConsonantsInARow = 3;

    // A piece of a word that is shorter than this, before a capital, is a sign of letters that come at random; so is a digit before a letter.
    private const int ShortestPiece = 3;

    // What there is to know of each ASCII character, looked up once instead of compared in turn.
    private static readonly byte[] Traits = [.. Enumerable.Range(0, 128).Select(static letter => TraitsOf((char)letter))];

    public static long Count(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        long otherThirds = 0;
        // The run of one kind of characters that the scan is in, its length, and how many more of them the token takes that it is in.
        var (run, length, room) = (None, 0, 0);
        var (consonants, capitals) = (0, 0);
        var known = Traits;
        foreach (var letter in text)
        {
            if (letter >= known.Length)
            {
                otherThirds += ThirdsOf(letter);
                run = None;
                continue;
            }

            int traits = known[letter];
            var kind = traits & AnyKind;
            if (kind == Letters)
            {
                var isCapital = (traits & Capital) != 0;
                var perToken = length < LettersOfWord ? LettersPerToken : LettersPerTokenBeyond;
                // A capital within a word begins a new piece, and so does what follows several of them, as in names of code.
                if (run != Letters || (isCapital ? capitals == 0 : capitals > 1))
                {
                    perToken = run == Digits || (run == Letters && length < ShortestPiece) ? 1 : LettersPerToken;
                    (run, length, room, consonants, capitals) = (Letters, 0, 0, 0, 0);
                }

                capitals = isCapital ? capitals + 1 : 0;
                consonants = (traits & Consonant) != 0 ? consonants + 1 : 0;
                if (room == 0 || consonants >= ConsonantsInARow || (traits & Rare) != 0)
                {
                    tokens++;
                    room = perToken;
                }

                room--;
                length++;
            }
            else if (kind == Space)
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
            else if (kind == Digits)
            {
                if (run != Digits || room == 0)
                {
                    tokens++;
                    (run, room) = (Digits, DigitsPerToken);
                }

                room--;
            }
            else
            {
                tokens++;
                run = None;
            }
        }

        return tokens + ((otherThirds + 2) / 3);
    }

    private static byte TraitsOf(char letter)
    {
        var kind = char.IsAsciiLetter(letter) ? Letters : char.IsAsciiDigit(letter) ? Digits : letter is ' ' or '\t' or '\r' or '\n' ? Space : None;
        if (kind != Letters)
        {
            return (byte)kind;
        }

        var lower = char.ToLowerInvariant(letter);
        return (byte)(Letters
            | (letter != lower ? Capital : 0)
            | (lower is 'a' or 'e' or 'i' or 'o' or 'u' or 'y' ? 0 : Consonant)
            // Tokens of their own where letters come at random.
            | (lower is 'j' or 'q' or 'x' or 'z' ? Rare : 0));
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
