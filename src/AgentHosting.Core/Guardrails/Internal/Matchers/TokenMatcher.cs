namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>Keys in the form of known providers, found at a character of their prefix that is rare in prose.</summary>
internal static class TokenMatcher
{
    /// <summary>What is looked at of one secret; what is longer is an open finding.</summary>
    public const int MaxSecret = 4_096;

    private static readonly (string Prefix, int MinLength)[]?[] Hyphenated = ByLastLetter('-',
    [
        ("sk-", 20), ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10), ("xoxe-", 10), ("xoxs-", 10), ("xoxr-", 10), ("xapp-", 10), ("glpat-", 20), ("glrt-", 20), ("gldt-", 20), ("GOCSPX-", 20),
        ("pypi-", 40), ("pplx-", 32), ("gsk-", 32), ("xai-", 32), ("tvly-", 20),
    ]);

    private static readonly (string Prefix, int MinLength)[]?[] Underscored = ByLastLetter('_',
    [
        ("ghp_", 30), ("gho_", 30), ("ghu_", 30), ("ghs_", 30), ("ghr_", 30), ("github_pat_", 22), ("sk_live_", 16), ("sk_test_", 16), ("rk_live_", 16), ("rk_test_", 16), ("whsec_", 24),
        ("npm_", 30), ("hf_", 30), ("gsk_", 40), ("dop_v", 40), ("shpat_", 30), ("shpss_", 30), ("shpca_", 30), ("lin_api_", 30), ("r8_", 36), ("pat_", 40), ("dapi_", 30), ("nvapi_", 30),
    ]);

    public static MatchResult MatchHyphen(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding) =>
        MatchPrefix(Hyphenated, text, at, floor, isFinal, out finding);

    public static MatchResult MatchUnderscore(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding) =>
        MatchPrefix(Underscored, text, at, floor, isFinal, out finding);

    /// <summary>At the K of AKIA and the I of AIza, ASIA and ABIA.</summary>
    public static MatchResult MatchCloudKey(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        if (IsBefore(text, at, floor, "A"))
        {
            return text[at] == 'K' ? MatchAws(text, at - 1, isFinal, out finding) : MatchTail(text, at - 1, at + 1, "za", 33, isFinal, out finding);
        }

        return text[at] == 'I' && (IsBefore(text, at, floor, "AS") || IsBefore(text, at, floor, "AB")) ? MatchAws(text, at - 2, isFinal, out finding) : MatchResult.None;
    }

    /// <summary>At the J of eyJ, with which the header of a JWT begins.</summary>
    public static MatchResult MatchJwt(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        if (!IsBefore(text, at, floor, "ey"))
        {
            return MatchResult.None;
        }

        var start = at - 2;
        var (dots, segment, end) = (0, start, start);
        for (var i = at + 1; ; i++)
        {
            if (i - start >= MaxSecret)
            {
                finding = new Finding(SensitiveDataKinds.Jwt, start, i, IsOpen: true);
                return dots > 0 ? MatchResult.Found : MatchResult.None;
            }

            if (i == text.Length && !isFinal)
            {
                return MatchResult.NeedMore;
            }

            var value = i < text.Length ? text[i] : '\0';
            // Some encoders pad the parts.
            if (TextClasses.IsToken(value) || (value == '=' && i > segment))
            {
                end = i + 1;
                continue;
            }

            if (value != '.' || dots == 4 || (dots == 0 && i - segment < 10))
            {
                break;
            }

            (dots, segment) = (dots + 1, i + 1);
        }

        // Two parts are header and claims; a signature may be cut away.
        if (dots == 0 || (dots == 1 && end - segment < 10))
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.Jwt, start, end);
        return MatchResult.Found;
    }

    /// <summary>At the G of SG., the keys of SendGrid, and the Q~ in secrets of Entra ID.</summary>
    public static MatchResult MatchRare(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        if (text[at] == 'G')
        {
            return IsBefore(text, at, floor, "S") ? MatchTail(text, at - 1, at + 1, ".", 40, isFinal, out finding, ".") : MatchResult.None;
        }

        return at - 4 >= floor && char.IsAsciiDigit(text[at - 1]) && TextClasses.RunStart(text, at, floor) == at - 4
            ? MatchTail(text, at - 4, at + 1, "~", 31, isFinal, out finding, "~.")
            : MatchResult.None;
    }

    /// <summary>A token that goes on with <paramref name="literal"/> and at least <paramref name="minLength"/> characters.</summary>
    public static MatchResult MatchTail(
        ReadOnlySpan<char> text, int start, int at, string literal, int minLength, bool isFinal, out Finding finding, string besides = "")
    {
        finding = default;
        for (var i = 0; i < literal.Length; i++)
        {
            if (at + i >= text.Length)
            {
                return isFinal ? MatchResult.None : MatchResult.NeedMore;
            }

            if (text[at + i] != literal[i])
            {
                return MatchResult.None;
            }
        }

        var body = at + literal.Length;
        var end = body;
        while (true)
        {
            if (end - start >= MaxSecret)
            {
                finding = new Finding(SensitiveDataKinds.ApiKey, start, end, IsOpen: true);
                return MatchResult.Found;
            }

            if (end == text.Length)
            {
                if (!isFinal)
                {
                    return MatchResult.NeedMore;
                }

                break;
            }

            if (!TextClasses.IsToken(text[end]) && !besides.Contains(text[end], StringComparison.Ordinal))
            {
                break;
            }

            end++;
        }

        while (end > body && !char.IsAsciiLetterOrDigit(text[end - 1]))
        {
            end--;
        }

        // Words with hyphens have no digits.
        if (end - body < minLength || text[body..end].IndexOfAnyInRange('0', '9') < 0)
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.ApiKey, start, end);
        return MatchResult.Found;
    }

    private static MatchResult MatchAws(ReadOnlySpan<char> text, int start, bool isFinal, out Finding finding)
    {
        finding = default;
        for (var i = 2; i < 21; i++)
        {
            if (start + i >= text.Length)
            {
                if (!isFinal)
                {
                    return MatchResult.NeedMore;
                }

                if (i < 20)
                {
                    return MatchResult.None;
                }

                break;
            }

            var value = text[start + i];
            var isWrong = i switch
            {
                2 => value != 'I',
                3 => value != 'A',
                20 => TextClasses.IsWord(value),
                _ => !char.IsAsciiLetterUpper(value) && !char.IsAsciiDigit(value),
            };
            if (isWrong)
            {
                return MatchResult.None;
            }
        }

        finding = new Finding(SensitiveDataKinds.ApiKey, start, start + 20);
        return MatchResult.Found;
    }

    // The prefixes by the character before the first separator, so that at most a few are tried.
    private static (string Prefix, int MinLength)[]?[] ByLastLetter(char separator, (string Prefix, int MinLength)[] prefixes)
    {
        var index = new (string Prefix, int MinLength)[]?[128];
        foreach (var group in prefixes.GroupBy(one => one.Prefix[one.Prefix.IndexOf(separator, StringComparison.Ordinal) - 1]))
        {
            index[group.Key] = [.. group];
        }

        return index;
    }

    private static MatchResult MatchPrefix(
        (string Prefix, int MinLength)[]?[] index, ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        if (at == floor || text[at - 1] >= index.Length || index[text[at - 1]] is not { } prefixes)
        {
            return MatchResult.None;
        }

        foreach (var (prefix, minLength) in prefixes)
        {
            var first = prefix.IndexOf(text[at], StringComparison.Ordinal);
            var result = IsBefore(text, at, floor, prefix.AsSpan(0, first))
                ? MatchTail(text, at - first, at, prefix[first..], minLength, isFinal, out finding)
                : MatchResult.None;
            if (result != MatchResult.None)
            {
                return result;
            }
        }

        return MatchResult.None;
    }

    private static bool IsBefore(ReadOnlySpan<char> text, int at, int floor, ReadOnlySpan<char> prefix)
    {
        var start = at - prefix.Length;
        return start >= floor && text[start..at].SequenceEqual(prefix) && (start == floor || (!TextClasses.IsWord(text[start - 1]) && text[start - 1] != '-'));
    }
}
