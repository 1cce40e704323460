namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>An e-mail address, found at its @.</summary>
internal static class EmailMatcher
{
    private const int MaxDomain = 253;

    public static MatchResult Match(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding, int signLength = 1)
    {
        finding = default;
        var start = TextClasses.RunStart(text, at, floor);
        while (start < at && text[start] is '.' or '-' or '%' or '+')
        {
            start++;
        }

        if (start == at || text[at - 1] == '.')
        {
            return MatchResult.None;
        }

        var (end, label, labels) = (0, at + signLength, 0);
        var isWordOnly = true;
        var i = at + signLength;
        for (; ; i++)
        {
            if (i == text.Length && !isFinal && i <= at + MaxDomain)
            {
                return MatchResult.NeedMore;
            }

            var value = i < text.Length && i <= at + MaxDomain ? text[i] : '\0';
            if (value == '-' || (value != '_' && TextClasses.IsWord(value)))
            {
                isWordOnly &= !char.IsAsciiDigit(value) && value != '-';
                continue;
            }

            // The end of a label. The last one of a domain is at least two letters; a dot after it may be that of the sentence.
            if (i == label)
            {
                break;
            }

            labels++;
            if (labels > 1 && i - label >= 2 && (isWordOnly || text[label..].StartsWith("xn--", StringComparison.OrdinalIgnoreCase)))
            {
                end = i;
            }

            if (value != '.')
            {
                break;
            }

            (label, isWordOnly) = (i + 1, true);
        }

        // git@host:path is the address of a repository.
        if (end == 0 || (i < text.Length && text[i] == ':' && text[start..at] is "git"))
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.Email, start, end);
        return MatchResult.Found;
    }
}
