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
    private const int BeginsToken = 0x80;

    // By the character, then by the state before it: the state after it. The high bit of a state tells that a token has begun; 0 is that of nothing before.
    private static readonly byte[][] Steps = AllSteps();

    public static long Count(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        long otherThirds = 0;
        int state = 0;
        var steps = Steps;
        foreach (var letter in text)
        {
            if (letter >= steps.Length)
            {
                otherThirds += ThirdsOf(letter);
                state = 0;
                continue;
            }

            state = steps[letter][state];
            tokens += state >> 7;
        }

        return tokens + ((otherThirds + 2) / 3);
    }

    private static byte[][] AllSteps()
    {
        var ofKinds = new byte[InputKinds.Count][];
        for (var kind = 0; kind < ofKinds.Length; kind++)
        {
            ofKinds[kind] = new byte[2 * BeginsToken];
        }

        (InputRun Run, bool IsToken) start = default;
        var known = new Dictionary<(InputRun Run, bool IsToken), int> { [start] = 0 };
        var (others, tokens) = (1, BeginsToken);
        var open = new Queue<(InputRun Run, bool IsToken)>([start]);
        while (open.TryDequeue(out var before))
        {
            for (var kind = 0; kind < ofKinds.Length; kind++)
            {
                var after = before.Run.Then((InputKind)kind);
                if (!known.TryGetValue(after, out var state))
                {
                    known.Add(after, state = after.IsToken ? tokens++ : others++);
                    open.Enqueue(after);
                }

                ofKinds[kind][known[before]] = checked((byte)state);
            }
        }

        return others <= BeginsToken
            ? [.. Enumerable.Range(0, 128).Select(letter => ofKinds[(int)InputKinds.Of((char)letter)])]
            : throw new InvalidOperationException("There are more runs than states are made for.");
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
