namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>Private keys in PEM form, on lines, or in one with <c>\n</c> written out.</summary>
internal static class PemMatcher
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const int MaxHeader = 64;
    private const int MinLine = 16;
    private const int MaxKey = 16_384;

    /// <summary>At the first hyphen.</summary>
    public static MatchResult Match(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        if (at > floor && text[at - 1] == '-')
        {
            return MatchResult.None;
        }

        var rest = text[at..];
        var common = rest.CommonPrefixLength(Begin);
        if (common < Begin.Length)
        {
            return common == rest.Length && !isFinal ? MatchResult.NeedMore : MatchResult.None;
        }

        var header = rest[Begin.Length..Math.Min(rest.Length, MaxHeader)];
        var close = header.IndexOf("-----");
        if (close < 0)
        {
            return rest.Length < MaxHeader && !isFinal ? MatchResult.NeedMore : MatchResult.None;
        }

        return header[..close].Contains("PRIVATE KEY", StringComparison.Ordinal)
            ? MatchBody(text, at, at + Begin.Length + close + 5, isFinal, out finding)
            : MatchResult.None;
    }

    private static MatchResult MatchBody(ReadOnlySpan<char> text, int start, int body, bool isFinal, out Finding finding)
    {
        finding = default;
        // Up to where it is surely the key: the last line that is long enough to be one, or its end mark.
        var (sure, i) = (0, body);
        while (i - start < MaxKey)
        {
            i = SkipSpace(text, i);
            var line = i;
            while (i < text.Length && i - start < MaxKey && IsBase64(text, i))
            {
                i++;
            }

            if (i == text.Length && !isFinal)
            {
                return MatchResult.NeedMore;
            }

            var isLine = i - line >= MinLine;
            var rest = text[i..Math.Min(text.Length, i + MaxHeader)];
            if (rest.StartsWith(End, StringComparison.Ordinal))
            {
                var close = rest[End.Length..].IndexOf("-----");
                if (close < 0 && rest.Length < MaxHeader && !isFinal)
                {
                    return MatchResult.NeedMore;
                }

                sure = close < 0 ? i + End.Length : i + End.Length + close + 5;
                break;
            }

            if (rest.Length < End.Length && !isFinal && End.AsSpan().StartsWith(rest))
            {
                return MatchResult.NeedMore;
            }

            // Proc-Type: 4,ENCRYPTED and the like, before the key itself.
            if (sure == 0 && !isLine && i < text.Length && text[i] is ':' or '-' or ',')
            {
                i = SkipLine(text, i);
                if (i == text.Length && !isFinal)
                {
                    return MatchResult.NeedMore;
                }

                continue;
            }

            if (!isLine && i < text.Length)
            {
                break;
            }

            sure = isLine || sure > 0 ? i : sure;
            if (i >= text.Length)
            {
                break;
            }
        }

        if (sure == 0)
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.PrivateKey, start, sure, IsOpen: sure - start >= MaxKey);
        return MatchResult.Found;
    }

    private static bool IsBase64(ReadOnlySpan<char> text, int i) => char.IsAsciiLetterOrDigit(text[i]) || text[i] is '+' or '/' or '=';

    private static int SkipSpace(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && (text[i] is ' ' or '\t' or '\r' or '\n' || (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is 'n' or 'r')))
        {
            i += text[i] == '\\' ? 2 : 1;
        }

        return i;
    }

    private static int SkipLine(ReadOnlySpan<char> text, int i)
    {
        var limit = Math.Min(text.Length, i + 128);
        while (i < limit && text[i] is not '\n' and not '\\')
        {
            i++;
        }

        return i;
    }
}
