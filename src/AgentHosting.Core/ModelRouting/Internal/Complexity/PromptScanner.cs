namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>Counts what a prompt is made of: one pass, no allocation. Text parts of one message are added one after the other.</summary>
internal ref struct PromptScanner
{
    /// <summary>The most characters that are read. Of a longer text its beginning and end are, since instructions stand there and pasted material between.</summary>
    public const int MaxCharacters = 8192;

    public PromptCounts Counts;
    private DistinctWords _choiceWords;

    public void Add(ReadOnlySpan<char> text)
    {
        while (HarnessBlocks.TryFind(text, out var start, out var end))
        {
            AddBounded(text[..start]);
            text = text[end..];
        }

        AddBounded(text);
    }

    private void AddBounded(ReadOnlySpan<char> text)
    {
        if (text.Length <= MaxCharacters)
        {
            AddLines(text);
            return;
        }

        AddLines(text[..(MaxCharacters / 2)]);
        AddLines(text[^(MaxCharacters / 2)..]);
        Counts.Characters += text.Length - MaxCharacters;
    }

    private void AddLines(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var length = text.IndexOf('\n');
            AddLine((length < 0 ? text : text[..length]).Trim());
            text = length < 0 ? default : text[(length + 1)..];
        }
    }

    private void AddLine(ReadOnlySpan<char> line)
    {
        // "Answer:" is what evaluations append for the model to go on from.
        if (line.IsEmpty || line is "Answer:")
        {
            return;
        }

        if (ChoiceLines.IsChoice(line))
        {
            ChoiceLines.Add(line, ref Counts, ref _choiceWords);
            return;
        }

        Counts.CodeFences += line.StartsWith("```", StringComparison.Ordinal) ? 1 : 0;
        AddText(line);
    }

    private void AddText(ReadOnlySpan<char> text)
    {
        var inSentence = false;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (IsLetter(character))
            {
                i = AddWord(text, i);
                inSentence = true;
            }
            else if (char.IsAsciiDigit(character))
            {
                i = AddNumber(text, i);
                inSentence = true;
            }
            else if (character > ' ')
            {
                Counts.Characters++;
                if (inSentence && character is '.' or '!' or '?')
                {
                    Counts.Sentences++;
                    inSentence = false;
                }
            }
        }

        Counts.Sentences += inSentence ? 1 : 0;
    }

    private int AddWord(ReadOnlySpan<char> text, int start)
    {
        var packed = 0ul;
        var i = start;
        for (; i < text.Length && IsLetter(text[i]); i++)
        {
            if (i - start < WordKinds.PackedLetters)
            {
                packed = WordKinds.Append(packed, text[i]);
            }
        }

        var length = i - start;
        Counts.Words++;
        Counts.Letters += length;
        Counts.Characters += length;
        AddKind(packed);
        return i - 1;
    }

    private void AddKind(ulong packed)
    {
        switch (WordKinds.Of(packed))
        {
            case WordKind.Negation:
                Counts.Negations++;
                break;
            case WordKind.Condition:
                Counts.Conditions++;
                break;
            case WordKind.Quantity:
                Counts.Quantities++;
                break;
            case WordKind.Task:
                Counts.Tasks++;
                break;
            case WordKind.Comparison:
                Counts.Comparisons++;
                break;
            case WordKind.Reason:
                Counts.Reasons++;
                break;
            case WordKind.Link:
                Counts.Links++;
                break;
            case WordKind.Courtesy:
                Counts.Courtesies++;
                break;
            default:
                break;
        }
    }

    private int AddNumber(ReadOnlySpan<char> text, int start)
    {
        var i = start;
        for (; i < text.Length && (char.IsAsciiDigit(text[i]) || (text[i] is '.' or ',' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))); i++)
        {
            Counts.Digits += char.IsAsciiDigit(text[i]) ? 1 : 0;
        }

        Counts.Numbers++;
        Counts.Characters += i - start;
        return i - 1;
    }

    private static bool IsLetter(char character) => char.IsAsciiLetter(character) || (character > 127 && char.IsLetter(character));
}
