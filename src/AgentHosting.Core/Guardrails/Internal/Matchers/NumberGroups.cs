namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>Digits as people write them: groups with one separator between two of them.</summary>
internal ref struct NumberGroups
{
    /// <summary>Longer than any number that is looked for.</summary>
    public const int MaxLength = 48;

    private const int MaxGroups = 12;
    private GroupArray _starts;
    private GroupArray _ends;

    public ReadOnlySpan<char> Text { get; private set; }

    public int Count { get; private set; }

    public int Start(int group) => _starts[group];

    public int End(int group) => _ends[group];

    public int Length(int group) => _ends[group] - _starts[group];

    /// <summary>The character between a group and the next.</summary>
    public char Separator(int group) => Text[_ends[group]];

    /// <summary>Reads the groups that begin at a digit.</summary>
    /// <returns>Whether what comes next may still be part of them.</returns>
    public bool TryRead(ReadOnlySpan<char> text, int start, bool isFinal)
    {
        Text = text;
        var limit = start + MaxLength;
        var i = start;
        while (Count < MaxGroups)
        {
            _starts[Count] = i;
            while (i < text.Length && i < limit && char.IsAsciiDigit(text[i]))
            {
                i++;
            }

            if (i == text.Length && i < limit && !isFinal)
            {
                return false;
            }

            _ends[Count++] = i;
            if (i >= limit || i >= text.Length || !IsSeparator(text[i]))
            {
                return true;
            }

            if (i + 1 == text.Length && i + 1 < limit && !isFinal)
            {
                return false;
            }

            if (i + 1 >= text.Length || i + 1 >= limit || !char.IsAsciiDigit(text[i + 1]))
            {
                return true;
            }

            i++;
        }

        return true;
    }

    /// <summary>Copies the digits of the groups up to <paramref name="last"/>.</summary>
    /// <returns>How many there are; 0 if there are too many.</returns>
    public readonly int Digits(int last, Span<char> digits)
    {
        var count = 0;
        for (var group = 0; group <= last; group++)
        {
            var part = Text[_starts[group].._ends[group]];
            if (count + part.Length > digits.Length)
            {
                return 0;
            }

            part.CopyTo(digits[count..]);
            count += part.Length;
        }

        return count;
    }

    /// <summary>Whether the groups have these lengths.</summary>
    public readonly bool Are(int last, params ReadOnlySpan<int> lengths)
    {
        if (last + 1 != lengths.Length)
        {
            return false;
        }

        for (var group = 0; group <= last; group++)
        {
            if (_ends[group] - _starts[group] != lengths[group])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether one separator stands between all groups, one of <paramref name="allowed"/>.</summary>
    public readonly bool AreParted(int last, string allowed)
    {
        for (var group = 0; group < last; group++)
        {
            var separator = Text[_ends[group]];
            if (separator != Text[_ends[0]] || !allowed.Contains(separator, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the character may stand between two groups.</summary>
    public static bool IsSeparator(char value) => value is ' ' or '-' or '.' or '/' or '\u00a0' or '\u2011' or '\u202f';

    [System.Runtime.CompilerServices.InlineArray(MaxGroups)]
    private struct GroupArray
    {
        private int _first;
    }
}
