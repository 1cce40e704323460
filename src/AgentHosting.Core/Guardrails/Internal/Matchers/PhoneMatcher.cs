namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>Phone numbers: E.164 with any of the usual separators, and national forms that little else looks like.</summary>
internal static class PhoneMatcher
{
    private const int MaxLength = 32;

    /// <summary>A number that begins with + or with a bracket.</summary>
    public static MatchResult MatchSign(ReadOnlySpan<char> text, int start, bool isFinal, out Finding finding)
    {
        finding = default;
        var isInternational = text[start] == '+';
        var (digits, end, depth) = (0, 0, 0);
        var firstDigit = '\0';
        var closed = 0;
        var i = start;
        for (; i < start + MaxLength; i++)
        {
            if (i == text.Length)
            {
                if (!isFinal)
                {
                    return MatchResult.NeedMore;
                }

                break;
            }

            var value = text[i];
            if (char.IsAsciiDigit(value))
            {
                firstDigit = digits == 0 ? value : firstDigit;
                digits++;
                end = i + 1;
                continue;
            }

            if (value == '(' && depth == 0)
            {
                depth = 1;
            }
            else if (value == ')' && depth == 1 && digits > 0)
            {
                (depth, closed) = (0, closed == 0 ? digits : closed);
            }
            else if (i == start || (digits > 0 && value is ' ' or '-' or '.' or '/' or '\u00a0' or '\u2011' or '\u202f' && text[i - 1] != value))
            {
                continue;
            }
            else
            {
                break;
            }
        }

        var isBounded = end >= text.Length || !TextClasses.IsWord(text[end]);
        var isPhone = isInternational
            ? digits is >= 8 and <= 15 && firstDigit != '0'
            : (closed == 3 && digits == 10 && firstDigit is >= '2') || (closed is >= 3 and <= 5 && digits is >= 9 and <= 12 && firstDigit == '0');
        if (!isPhone || depth != 0 || !isBounded || (start > 0 && TextClasses.IsWord(text[start - 1])))
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.Phone, start, end);
        return MatchResult.Found;
    }

    /// <summary>A number that begins with a digit.</summary>
    public static bool Is(in NumberGroups groups, int last, ReadOnlySpan<char> digits)
    {
        if (digits[0] == '0')
        {
            return digits[1] == '0' ? IsWithExitCode(groups, last, digits) : IsWithTrunkPrefix(groups, last, digits);
        }

        return groups.AreParted(last, "-.\u2011")
            && ((groups.Are(last, 3, 3, 4) && IsNorthAmerican(digits)) || (groups.Are(last, 1, 3, 3, 4) && digits[0] == '1' && IsNorthAmerican(digits[1..])));
    }

    private static bool IsNorthAmerican(ReadOnlySpan<char> digits) => digits[0] >= '2' && digits[3] >= '2';

    private static bool IsWithExitCode(in NumberGroups groups, int last, ReadOnlySpan<char> digits) =>
        digits.Length is >= 11 and <= 17 && digits[2] != '0' && (last > 0 ? groups.Length(0) is >= 3 and <= 5 || groups.Length(0) == 2 && groups.Length(1) <= 3 : digits.Length >= 12);

    private static bool IsWithTrunkPrefix(in NumberGroups groups, int last, ReadOnlySpan<char> digits)
    {
        if (last == 0 || digits.Length is < 9 or > 12)
        {
            return false;
        }

        if (groups.Are(last, 2, 2, 2, 2, 2))
        {
            return groups.AreParted(last, " .-\u00a0\u202f");
        }

        if (groups.Length(0) == 2)
        {
            return (groups.Are(last, 2, 8) || groups.Are(last, 2, 4, 4)) && groups.AreParted(last, " -\u00a0");
        }

        for (var group = 1; group <= last; group++)
        {
            if (groups.Length(group) < 2)
            {
                return false;
            }
        }

        return groups.Length(0) is >= 3 and <= 5 && groups.Separator(0) is ' ' or '-' or '/' or '\u00a0';
    }
}
