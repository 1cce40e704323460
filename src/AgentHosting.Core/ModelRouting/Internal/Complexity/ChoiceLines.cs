namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>Lines that offer an answer to choose from: "A. ", "b) " or "(C) ".</summary>
internal static class ChoiceLines
{
    private const uint HashStart = 2166136261u;
    private const uint HashFactor = 16777619u;

    public static bool IsChoice(ReadOnlySpan<char> line)
    {
        if (line[0] == '(')
        {
            return line.Length > 3 && line[2] == ')' && char.IsAsciiLetter(line[1]);
        }

        return line.Length > 2 && line[1] is '.' or ')' && line[2] == ' ' && (line[0] | 0x20) is >= 'a' and <= 'h';
    }

    /// <summary>Counts a line. Answers built from the same few words ("I only", "I and II") have to be worked out one by one, which the share of distinct words tells.</summary>
    public static void Add(ReadOnlySpan<char> line, ref PromptCounts counts, ref DistinctWords words)
    {
        counts.Choices++;
        var hash = HashStart;
        foreach (var character in line[2..])
        {
            counts.ChoiceCharacters++;
            counts.ChoiceDigits += char.IsAsciiDigit(character) ? 1 : 0;
            if (char.IsLetterOrDigit(character))
            {
                hash = (hash ^ (uint)(character | 0x20)) * HashFactor;
            }
            else
            {
                EndWord(ref hash, ref counts, ref words);
            }
        }

        EndWord(ref hash, ref counts, ref words);
    }

    private static void EndWord(ref uint hash, ref PromptCounts counts, ref DistinctWords words)
    {
        if (hash != HashStart)
        {
            counts.ChoiceWords++;
            counts.DistinctChoiceWords += words.Add(hash) ? 1 : 0;
            hash = HashStart;
        }
    }
}
