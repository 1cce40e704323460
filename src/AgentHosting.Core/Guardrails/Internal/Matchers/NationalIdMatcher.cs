namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>National numbers that are all digits. Those with weak check digits count only in their written form or after their name.</summary>
internal static class NationalIdMatcher
{
    public static bool Is(in NumberGroups groups, int last, ReadOnlySpan<char> digits, ReadOnlySpan<char> before) => digits.Length switch
    {
        9 => IsSsn(groups, last, digits, before) || IsBsn(groups, last, digits, before),
        11 => IsSteuerId(groups, last, digits) || IsBelgian(groups, last, digits) || IsPesel(last, digits) || IsCpf(groups, last, digits),
        14 => IsCnpj(groups, last, digits),
        15 => IsNir(groups, last, digits),
        _ => false,
    };

    private static bool IsSsn(in NumberGroups groups, int last, ReadOnlySpan<char> digits, ReadOnlySpan<char> before) =>
        ((groups.Are(last, 3, 2, 4) && groups.AreParted(last, " -\u2011")) || (last == 0 && ContextWords.Has(before, "ssn", "social security")))
            && digits[0] != '9' && digits[..3] is not ("000" or "666") && digits[3..5] is not "00" && digits[5..] is not "0000";

    private static bool IsBsn(in NumberGroups groups, int last, ReadOnlySpan<char> digits, ReadOnlySpan<char> before) =>
        (last == 0 || (groups.Are(last, 4, 2, 3) && groups.AreParted(last, ". "))) && ContextWords.Has(before, "bsn", "burgerservicenummer", "sofinummer")
            && (CheckDigits.Weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0) && !CheckDigits.AreSame(digits);

    private static bool IsSteuerId(in NumberGroups groups, int last, ReadOnlySpan<char> digits)
    {
        if ((last > 0 && !(groups.Are(last, 2, 3, 3, 3) && groups.AreParted(last, " /"))) || digits[0] == '0')
        {
            return false;
        }

        // Of the first ten digits exactly one is there twice or three times.
        Span<int> counts = stackalloc int[10];
        foreach (var digit in digits[..10])
        {
            counts[digit - '0']++;
        }

        var repeated = 0;
        foreach (var count in counts)
        {
            repeated += count switch { <= 1 => 0, 2 or 3 => 1, _ => 10 };
        }

        return repeated == 1 && CheckDigits.Iso7064Mod11Radix10(digits);
    }

    private static bool IsBelgian(in NumberGroups groups, int last, ReadOnlySpan<char> digits)
    {
        var isWritten = groups.Are(last, 2, 2, 2, 3, 2);
        if ((last > 0 && !isWritten) || !IsDayOfMonth(digits[4..6]) || Number(digits[2..4]) is < 1 or > 12)
        {
            return false;
        }

        // Born from 2000 on: a 2 goes before the number.
        var check = Number(digits[9..]);
        Span<char> later = stackalloc char[10];
        later[0] = '2';
        digits[..9].CopyTo(later[1..]);
        return check == 97 - CheckDigits.Remainder(digits[..9], 97) || check == 97 - CheckDigits.Remainder(later, 97);
    }

    private static bool IsPesel(int last, ReadOnlySpan<char> digits) =>
        // The month tells the century: 21 to 32 are months from 2000 on. Other centuries are left out, or one in fifty numbers of this length would do.
        last == 0 && (Number(digits[2..4]) is >= 1 and <= 12 || (Number(digits[2..4]) is >= 21 and <= 32 && digits[0] <= '3')) && IsDayOfMonth(digits[4..6])
            && CheckDigits.Weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0;

    private static bool IsCpf(in NumberGroups groups, int last, ReadOnlySpan<char> digits) =>
        (last == 0 || (groups.Are(last, 3, 3, 3, 2) && groups.Separator(0) is '.' or ' '))
            && !CheckDigits.AreSame(digits)
            && Mod11(CheckDigits.Weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2])) == digits[9] - '0'
            && Mod11(CheckDigits.Weighted(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == digits[10] - '0';

    private static bool IsCnpj(in NumberGroups groups, int last, ReadOnlySpan<char> digits) =>
        (last == 0 || groups.Are(last, 2, 3, 3, 4, 2))
            && !CheckDigits.AreSame(digits)
            && Mod11(CheckDigits.Weighted(digits, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == digits[12] - '0'
            && Mod11(CheckDigits.Weighted(digits, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == digits[13] - '0';

    private static bool IsNir(in NumberGroups groups, int last, ReadOnlySpan<char> digits) =>
        (last == 0 || groups.Are(last, 1, 2, 2, 2, 3, 3, 2) || groups.Are(last, 13, 2))
            && digits[0] is '1' or '2' && Number(digits[3..5]) is (>= 1 and <= 12) or (>= 20 and <= 42) or (>= 50 and <= 99)
            && Number(digits[13..]) == 97 - CheckDigits.Remainder(digits[..13], 97);

    private static int Mod11(int sum) => sum % 11 < 2 ? 0 : 11 - (sum % 11);

    private static bool IsDayOfMonth(ReadOnlySpan<char> digits) => Number(digits) is >= 1 and <= 31;

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
}
