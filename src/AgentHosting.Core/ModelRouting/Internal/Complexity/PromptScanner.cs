namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>Counts what a prompt is made of: one pass, no allocation. Text parts of one message are added one after the other.</summary>
internal ref struct PromptScanner
{
    /// <summary>The most characters that are read. Of a longer text its beginning and end are, since instructions stand there and pasted material between.</summary>
    public const int MaxCharacters = 8192;

    public PromptCounts Counts;
    private DistinctWords _distinct;
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
            var line = length < 0 ? text : text[..length];
            AddLine(line);
            if (length < 0)
            {
                return;
            }

            text = text[(length + 1)..];
        }
    }

    private void AddLine(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (line.IsEmpty || line is "Answer:")
        {
            return;
        }

        if (IsChoice(line))
        {
            AddChoice(line);
            return;
        }

        if (Counts.Characters > 0)
        {
            Counts.Newlines++;
        }

        if (line.StartsWith("```", StringComparison.Ordinal))
        {
            Counts.CodeFences++;
        }

        AddText(line);
    }

    // "A. ", "b) " or "(C) " at the start of a line.
    private static bool IsChoice(ReadOnlySpan<char> line)
    {
        if (line[0] == '(')
        {
            return line.Length > 3 && line[2] == ')' && char.IsAsciiLetter(line[1]);
        }

        return line.Length > 2 && line[1] is '.' or ')' && line[2] == ' ' && (line[0] | 0x20) is >= 'a' and <= 'h';
    }

    private void AddChoice(ReadOnlySpan<char> line)
    {
        Counts.Choices++;
        var hash = 2166136261u;
        var len = 0;
        foreach (var character in line[2..])
        {
            Counts.ChoiceCharacters++;
            if (char.IsAsciiDigit(character))
            {
                Counts.ChoiceDigits++;
            }

            if (char.IsLetterOrDigit(character)) { hash = (hash ^ (uint)(character | 0x20)) * 16777619u; len++; }
            else { if (len > 0) { Counts.ChoiceWords++; Counts.DistinctChoiceWords += _choiceWords.Add(hash * 2654435769u) ? 1 : 0; } len = 0; hash = 2166136261u; }
        }
        if (len > 0) { Counts.ChoiceWords++; Counts.DistinctChoiceWords += _choiceWords.Add(hash * 2654435769u) ? 1 : 0; }
    }

    private void AddText(ReadOnlySpan<char> text)
    {
        var sentenceStart = true;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (char.IsAsciiLetter(character) || (character > 127 && char.IsLetter(character)))
            {
                i = AddWord(text, i, sentenceStart);
                sentenceStart = false;
            }
            else if (char.IsAsciiDigit(character))
            {
                i = AddNumber(text, i);
                sentenceStart = false;
            }
            else if (character > ' ')
            {
                AddSign(character, ref sentenceStart);
            }
        }

        if (!sentenceStart)
        {
            Counts.Sentences++;
        }
    }

    private int AddWord(ReadOnlySpan<char> text, int start, bool sentenceStart)
    {
        var packed = 0ul;
        var hash = 2166136261u;
        var i = start;
        for (; i < text.Length; i++)
        {
            var character = text[i];
            if (char.IsAsciiLetter(character))
            {
                if (i - start < WordKinds.PackedLetters)
                {
                    packed = WordKinds.Append(packed, character);
                }

                hash = (hash ^ (uint)(character | 0x20)) * 16777619u;
            }
            else if (character > 127 && char.IsLetter(character))
            {
                Counts.NonAscii++;
                hash = (hash ^ character) * 16777619u;
            }
            else
            {
                break;
            }
        }

        var length = i - start;
        Counts.Words++;
        Counts.Letters += length;
        Counts.Characters += length;
        // FNV leaves the high bits of short words alike.
        Counts.DistinctWords += _distinct.Add(hash * 2654435769u) ? 1 : 0;
        if (length == 1)
        {
            Counts.SingleLetters += (text[start] | 0x20) is 'a' or 'i' ? 0 : 1;
        }
        else if (!sentenceStart && char.IsUpper(text[start]))
        {
            Counts.CapitalisedWords++;
        }

        Counts.LongWords += length >= 9 ? 1 : 0;
        Counts.PastForms += length > 3 && text[i - 1] == 'd' && text[i - 2] == 'e' ? 1 : 0;
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
            case WordKind.Person:
                Counts.People++;
                break;
            case WordKind.Link:
                Counts.Links++;
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

    private void AddSign(char character, ref bool sentenceStart)
    {
        Counts.Characters++;
        switch (character)
        {
            case '.' or '!':
                EndSentence(ref sentenceStart);
                break;
            case '?':
                Counts.Questions++;
                EndSentence(ref sentenceStart);
                break;
            case ',' or ';':
                Counts.Commas++;
                break;
            case '=':
                Counts.EqualSigns++;
                break;
            case '+' or '*' or '/' or '^' or '<' or '>' or '|' or '%' or '~' or '&' or '{' or '}' or '[' or ']':
                Counts.Operators++;
                break;
            case '$' or '€' or '£':
                Counts.Dollars++;
                break;
            case '\\':
                Counts.Backslashes++;
                break;
            case '"' or '“' or '”':
                Counts.Quotes++;
                break;
            case '_':
                Counts.Blanks++;
                break;
            case >= '\u2190' and <= '\u22FF':
                Counts.Operators++;
                break;
            default:
                Counts.NonAscii += character > 127 ? 1 : 0;
                break;
        }
    }

    private void EndSentence(ref bool sentenceStart)
    {
        if (!sentenceStart)
        {
            Counts.Sentences++;
            sentenceStart = true;
        }
    }
}
