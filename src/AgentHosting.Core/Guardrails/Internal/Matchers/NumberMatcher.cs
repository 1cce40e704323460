namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>What begins with a digit, or with a few letters before one.</summary>
internal static class NumberMatcher
{
    private const int MinDigits = 8;

    public static MatchResult Match(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        var previous = at > floor ? text[at - 1] : '\0';
        if (char.IsAsciiDigit(previous))
        {
            return MatchResult.None;
        }

        if (char.IsAsciiLetter(previous) || (previous == '-' && at - 2 >= floor && text[at - 2] is 'X' or 'Y' or 'Z'))
        {
            return LetteredNumberMatcher.Match(text, at, floor, isFinal, out finding);
        }

        if (TextClasses.IsWord(previous))
        {
            return MatchResult.None;
        }

        // An address in a query string: jane%40example.com.
        if (previous == '%' && text[at] == '4')
        {
            if (at + 1 == text.Length && !isFinal)
            {
                finding = default;
                return MatchResult.NeedMore;
            }

            if (at + 1 < text.Length && text[at + 1] == '0' && EmailMatcher.Match(text, at - 1, floor, isFinal, out finding, signLength: 3) is var address and not MatchResult.None)
            {
                return address;
            }
        }

        if (IsShort(text, at))
        {
            return MatchResult.None;
        }

        var groups = default(NumberGroups);
        if (!groups.TryRead(text, at, isFinal))
        {
            return MatchResult.NeedMore;
        }

        var result = IpAddressMatcher.MatchV4(groups, at, floor, isFinal, out finding);
        if (result != MatchResult.None)
        {
            return result;
        }

        // A part of a longer number is none of its own: 3.14159 or 1-2-3.
        if (at > floor + 1 && previous is '.' or ',' && char.IsAsciiDigit(text[at - 2]))
        {
            return MatchResult.None;
        }

        Span<char> digits = stackalloc char[19];
        var before = text[Math.Max(0, at - ContextWords.Reach)..at];
        for (var last = groups.Count - 1; last >= 0; last--)
        {
            var end = groups.End(last);
            var count = groups.Digits(last, digits);
            if (count < MinDigits)
            {
                // With fewer groups it has fewer digits still, unless there were too many to count.
                if (count > 0)
                {
                    break;
                }

                continue;
            }

            if (end == text.Length && !isFinal)
            {
                return MatchResult.NeedMore;
            }

            var next = end < text.Length ? text[end] : '\0';
            if (TextClasses.IsWord(next) || char.IsAsciiDigit(next) || next is '@')
            {
                result = last == groups.Count - 1 ? LetteredNumberMatcher.MatchSpanish(groups, last, digits[..count], at, isFinal, out finding) : MatchResult.None;
                if (result != MatchResult.None)
                {
                    return result;
                }

                continue;
            }

            if (next == '-' && last == groups.Count - 1)
            {
                result = LetteredNumberMatcher.MatchSpanish(groups, last, digits[..count], at, isFinal, out finding);
                if (result != MatchResult.None)
                {
                    return result;
                }
            }

            var number = digits[..count];
            var kind = CardMatcher.Is(groups, last, number) ? SensitiveDataKinds.Card
                : NationalIdMatcher.Is(groups, last, number, before) ? SensitiveDataKinds.NationalId
                : PhoneMatcher.Is(groups, last, number) ? SensitiveDataKinds.Phone
                : null;
            if (kind is not null)
            {
                finding = new Finding(kind, at, end);
                return MatchResult.Found;
            }
        }

        return NinoMatcher.MatchSpaced(text, at, isFinal, groups, out finding);
    }

    // A year, an hour, a count: one group with fewer digits than anything has. Six may be those of a national insurance number.
    private static bool IsShort(ReadOnlySpan<char> text, int at)
    {
        var end = at + 1;
        var limit = Math.Min(text.Length, at + MinDigits);
        while (end < limit && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        if (end == text.Length || end - at is NinoMatcher.Digits or >= MinDigits)
        {
            return false;
        }

        return !NumberGroups.IsSeparator(text[end]) || (end + 1 < text.Length && !char.IsAsciiDigit(text[end + 1]));
    }
}
