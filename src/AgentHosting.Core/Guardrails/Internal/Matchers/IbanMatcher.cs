using System.Collections.Frozen;

namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>IBANs, also in groups.</summary>
internal static class IbanMatcher
{
    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Lengths = ReadLengths();

    public static MatchResult Match(ReadOnlySpan<char> text, int start, bool isFinal, out Finding finding)
    {
        finding = default;
        if (!Lengths.TryGetValue(text.Slice(start, 2), out var length))
        {
            return MatchResult.None;
        }

        Span<char> code = stackalloc char[length];
        var (count, end) = (0, start);
        for (var i = start; ; i++)
        {
            if (i >= text.Length)
            {
                if (!isFinal)
                {
                    return MatchResult.NeedMore;
                }

                break;
            }

            var value = text[i];
            if (char.IsAsciiLetterOrDigit(value))
            {
                if (count == length)
                {
                    // Longer than the IBANs of its country, unless a new word begins here.
                    if (text[i - 1] == value || char.IsAsciiLetterOrDigit(text[i - 1]))
                    {
                        return MatchResult.None;
                    }

                    break;
                }

                code[count++] = char.ToUpperInvariant(value);
                end = i + 1;
                if (count is 3 or 4 && !char.IsAsciiDigit(value))
                {
                    return MatchResult.None;
                }
            }
            else if (count == length || value is not (' ' or '-' or '.' or '/' or '\u00a0' or '\u2011' or '\u202f') || !char.IsAsciiLetterOrDigit(text[i - 1]))
            {
                break;
            }
        }

        if (count != length || (end < text.Length && text[end] == '_') || Mod97(code) != 1)
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.Iban, start, end);
        return MatchResult.Found;
    }

    private static int Mod97(ReadOnlySpan<char> code)
    {
        var remainder = 0;
        for (var i = 0; i < code.Length; i++)
        {
            var value = code[(i + 4) % code.Length];
            remainder = char.IsAsciiDigit(value) ? ((remainder * 10) + (value - '0')) % 97 : ((remainder * 100) + (value - 'A' + 10)) % 97;
        }

        return remainder;
    }

    private static FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ReadLengths()
    {
        const string Registry =
            "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 "
            + "HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 "
            + "PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";
        return Registry.Split(' ')
            .ToFrozenDictionary(
                static entry => entry[..2],
                static entry => int.Parse(entry.AsSpan(2), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture),
                StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
