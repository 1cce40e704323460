namespace AgentHosting.Pricing.Internal;

/// <summary>
/// Estimates the tokens of a text on the high side, from its shape: byte-pair encodings know common words and their parts, and cut what they do not know into letters and
/// bytes. <c>TokenEstimatorTests</c> compares it with exact counts.
/// </summary>
/// <remarks>
/// The rules look at one character and at what stood before it, of which little matters: <see cref="InputRun"/> holds that, in some hundred different ways. So each way and each
/// kind of character is worked out once, and a text takes one look-up a character.
/// </remarks>
internal static class InputScanner
{
    // A power of two above the number of kinds, so that a row is found without a multiplication.
    private const int RowLength = 16;
    private const ushort IsToken = 0x8000;
    private const ushort NextRow = IsToken - 1;

    private static readonly byte[] Kinds = [.. Enumerable.Range(0, 128).Select(static letter => (byte)InputKinds.Of((char)letter))];

    // By what stood before and the kind of the character: where the row of what stands now begins, and whether a token begins.
    private static readonly ushort[] Steps = AllSteps();

    public static long Count(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        long otherThirds = 0;
        var row = 0;
        var (kinds, steps) = (Kinds, Steps);
        foreach (var letter in text)
        {
            if (letter >= kinds.Length)
            {
                otherThirds += ThirdsOf(letter);
                row = 0;
                continue;
            }

            int step = steps[row + kinds[letter]];
            tokens += step >> 15;
            row = step & NextRow;
        }

        return tokens + ((otherThirds + 2) / 3);
    }

    private static ushort[] AllSteps()
    {
        // The first row is that of nothing before.
        List<InputRun> runs = [default];
        var rows = new Dictionary<InputRun, int> { [default] = 0 };
        List<ushort> steps = [];
        for (var i = 0; i < runs.Count; i++)
        {
            for (var kind = 0; kind < RowLength; kind++)
            {
                var (next, isToken) = kind < InputKinds.Count ? runs[i].Then((InputKind)kind) : default;
                if (!rows.TryGetValue(next, out var row))
                {
                    rows.Add(next, row = runs.Count);
                    runs.Add(next);
                }

                steps.Add(checked((ushort)((row * RowLength) | (isToken ? IsToken : 0))));
            }
        }

        return [.. steps];
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
