namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>Payment cards: a known range of numbers and the Luhn digit.</summary>
internal static class CardMatcher
{
    public static bool Is(in NumberGroups groups, int last, ReadOnlySpan<char> digits) =>
        digits.Length is >= 13 and <= 19 && IsInRange(digits) && AreCardGroups(groups, last) && CheckDigits.Luhn(digits) && !CheckDigits.AreSame(digits);

    private static bool AreCardGroups(in NumberGroups groups, int last)
    {
        // In groups of four the separators may differ.
        if (last == 0 || groups.Are(last, 4, 4, 4, 4))
        {
            return true;
        }

        if (!groups.AreParted(last, " -.\u00a0\u2011\u202f") || groups.Length(0) is not 4)
        {
            return false;
        }

        for (var group = 1; group <= last; group++)
        {
            if (groups.Length(group) < 2 && group < last)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsInRange(ReadOnlySpan<char> digits)
    {
        var first = int.Parse(digits[..4], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
        return digits.Length switch
        {
            13 => first / 1000 == 4 || IsMaestro(first),
            14 => first is (>= 3000 and <= 3059) or 3095 || first / 100 is 36 or 38 or 39 || IsMaestro(first),
            15 => first / 100 is 34 or 37 || IsMaestro(first),
            16 => first / 1000 == 4 || first / 100 is >= 51 and <= 55 || first is >= 2221 and <= 2720 || IsOther(first),
            19 => first / 1000 == 4 || IsOther(first),
            _ => IsOther(first),
        };
    }

    // Discover, JCB, UnionPay, Mir, RuPay and Maestro.
    private static bool IsOther(int first) =>
        first is 6011 or (>= 6440 and <= 6599) or (>= 3528 and <= 3589) or (>= 2200 and <= 2204) || first / 100 is 62 or 60 or 65 or 81 or 82 || IsMaestro(first);

    private static bool IsMaestro(int first) => first / 100 is 50 or (>= 56 and <= 58) or 63 or 67 or 68;
}
