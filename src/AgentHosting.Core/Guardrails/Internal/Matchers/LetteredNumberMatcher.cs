namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>Numbers with letters: IBAN, codice fiscale, NIE and DNI, NINO, and tokens that begin with letters and a digit.</summary>
internal static class LetteredNumberMatcher
{
    private const string SpanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

    public static MatchResult Match(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        var start = at;
        while (start > floor && start > at - 8 && char.IsAsciiLetter(text[start - 1]))
        {
            start--;
        }

        if (text[at - 1] == '-')
        {
            start = at - 2;
        }

        if (start > floor && TextClasses.IsWord(text[start - 1]))
        {
            return MatchResult.None;
        }

        return (at - start) switch
        {
            1 => MatchNie(text, start, at, isFinal, out finding),
            2 when text[at - 1] == '-' => MatchNie(text, start, at, isFinal, out finding),
            2 => MatchTwoLetters(text, start, at, isFinal, out finding),
            6 => MatchCodiceFiscale(text, start, isFinal, out finding),
            _ => MatchResult.None,
        };
    }

    /// <summary>12345678Z, also with dots and a hyphen.</summary>
    public static MatchResult MatchSpanish(in NumberGroups groups, int last, ReadOnlySpan<char> digits, int start, bool isFinal, out Finding finding)
    {
        finding = default;
        if (digits.Length != 8 || !(last == 0 || (groups.Are(last, 2, 3, 3) && groups.AreParted(last, "."))))
        {
            return MatchResult.None;
        }

        return MatchSpanishLetter(groups.Text, start, groups.End(last), digits, isFinal, out finding);
    }

    private static MatchResult MatchSpanishLetter(ReadOnlySpan<char> text, int start, int end, ReadOnlySpan<char> digits, bool isFinal, out Finding finding)
    {
        finding = default;
        var letter = end < text.Length && text[end] == '-' ? end + 1 : end;
        if (letter + 1 >= text.Length && !isFinal)
        {
            return MatchResult.NeedMore;
        }

        if (letter >= text.Length || text[letter] != SpanishLetters[CheckDigits.Remainder(digits, 23)]
            || (letter + 1 < text.Length && TextClasses.IsWord(text[letter + 1])))
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.NationalId, start, letter + 1);
        return MatchResult.Found;
    }

    private static MatchResult MatchNie(ReadOnlySpan<char> text, int start, int at, bool isFinal, out Finding finding)
    {
        finding = default;
        var first = "XYZ".IndexOf(text[start], StringComparison.Ordinal);
        if (first < 0)
        {
            return MatchResult.None;
        }

        Span<char> digits = stackalloc char[8];
        digits[0] = (char)('0' + first);
        for (var i = 0; i < 7; i++)
        {
            if (at + i >= text.Length)
            {
                return isFinal ? MatchResult.None : MatchResult.NeedMore;
            }

            if (!char.IsAsciiDigit(text[at + i]))
            {
                return MatchResult.None;
            }

            digits[i + 1] = text[at + i];
        }

        return MatchSpanishLetter(text, start, at + 7, digits, isFinal, out finding);
    }

    private static MatchResult MatchTwoLetters(ReadOnlySpan<char> text, int start, int at, bool isFinal, out Finding finding)
    {
        // ya29. begins an access token of Google's.
        if (text[start] == 'y' && text[start + 1] == 'a')
        {
            return TokenMatcher.MatchTail(text, start, at, "29.", 20, isFinal, out finding);
        }

        var result = IbanMatcher.Match(text, start, isFinal, out finding);
        return result == MatchResult.None && NinoMatcher.IsPrefix(text[start..at]) ? MatchNino(text, start, at, isFinal, out finding) : result;
    }

    private static MatchResult MatchNino(ReadOnlySpan<char> text, int start, int at, bool isFinal, out Finding finding)
    {
        finding = default;
        for (var i = 0; i < 8; i++)
        {
            if (at + i >= text.Length)
            {
                return isFinal && i < 7 ? MatchResult.None : isFinal ? Found(start, at + 7, out finding) : MatchResult.NeedMore;
            }

            var value = text[at + i];
            if (i < 6 ? !char.IsAsciiDigit(value) : i == 6 ? value is not (>= 'A' and <= 'D') : TextClasses.IsWord(value))
            {
                return MatchResult.None;
            }
        }

        return Found(start, at + 7, out finding);
    }

    private static MatchResult MatchCodiceFiscale(ReadOnlySpan<char> text, int start, bool isFinal, out Finding finding)
    {
        finding = default;
        const string Shape = "LLLLLLDDMDDLDDDL";
        for (var i = 6; i < 17; i++)
        {
            if (start + i >= text.Length)
            {
                if (!isFinal)
                {
                    return MatchResult.NeedMore;
                }

                if (i < 16)
                {
                    return MatchResult.None;
                }

                break;
            }

            var value = char.ToUpperInvariant(text[start + i]);
            if (i == 16 ? TextClasses.IsWord(value) : Shape[i] switch
            {
                // Digits may be letters where two people would have the same number.
                'D' => !char.IsAsciiDigit(value) && !"LMNPQRSTUV".Contains(value, StringComparison.Ordinal),
                'M' => !"ABCDEHLMPRST".Contains(value, StringComparison.Ordinal),
                _ => !char.IsAsciiLetter(value),
            })
            {
                return MatchResult.None;
            }
        }

        return HasCodiceFiscaleLetter(text.Slice(start, 16)) ? Found(start, start + 16, out finding) : MatchResult.None;
    }

    private static bool HasCodiceFiscaleLetter(ReadOnlySpan<char> code)
    {
        ReadOnlySpan<int> odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
        var sum = 0;
        for (var i = 0; i < 15; i++)
        {
            var value = char.ToUpperInvariant(code[i]);
            var number = char.IsAsciiDigit(value) ? value - '0' : value - 'A';
            sum += (i & 1) == 0 ? odd[number] : number;
        }

        return 'A' + (sum % 26) == char.ToUpperInvariant(code[15]);
    }

    private static MatchResult Found(int start, int end, out Finding finding)
    {
        finding = new Finding(SensitiveDataKinds.NationalId, start, end);
        return MatchResult.Found;
    }
}
