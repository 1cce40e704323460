namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>The password in scheme://user:password@host.</summary>
internal static class UrlPasswordMatcher
{
    private const int MaxLength = 256;

    /// <summary>At the colon of ://.</summary>
    public static MatchResult Match(ReadOnlySpan<char> text, int at, bool isFinal, out Finding finding)
    {
        finding = default;
        var (colon, end) = (0, 0);
        for (var i = at + 1; i < at + MaxLength; i++)
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
            if (i < at + 3)
            {
                if (value != '/')
                {
                    return MatchResult.None;
                }
            }
            else if (value == ':' && colon == 0)
            {
                colon = i;
            }
            else if (value == '@')
            {
                end = i;
            }
            else if (value is '/' or '?' or '#' or '"' or '\'' or '<' or '>' or '`' or '{' or '}' or TextClasses.EscapedQuote || char.IsWhiteSpace(value))
            {
                break;
            }
        }

        if (colon == 0 || end <= colon + 1)
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.Password, colon + 1, end);
        return MatchResult.Found;
    }
}
