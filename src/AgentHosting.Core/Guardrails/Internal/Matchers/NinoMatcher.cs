namespace AgentHosting.Guardrails.Internal.Matchers;

/// <summary>British national insurance numbers: two letters of those in use, six digits, a letter from A to D.</summary>
internal static class NinoMatcher
{
    /// <summary>How many digits one has.</summary>
    public const int Digits = 6;

    /// <summary>AB 12 34 56 C: the two letters have gone out already when a stream comes to the digits, which are what is secret.</summary>
    public static MatchResult MatchSpaced(ReadOnlySpan<char> text, int at, bool isFinal, in NumberGroups groups, out Finding finding)
    {
        finding = default;
        if (at < 3 || text[at - 1] != ' ' || !IsPrefix(text[(at - 3)..(at - 1)]) || (at > 3 && TextClasses.IsWord(text[at - 4])))
        {
            return MatchResult.None;
        }

        var last = groups.Count - 1;
        var isWritten = (groups.Are(last, 2, 2, 2) && groups.AreParted(last, " ")) || groups.Are(last, Digits);
        if (!isWritten)
        {
            return MatchResult.None;
        }

        var end = groups.End(last);
        var letter = end < text.Length && text[end] == ' ' ? end + 1 : end;
        if (letter + 1 >= text.Length && !isFinal)
        {
            return MatchResult.NeedMore;
        }

        if (letter >= text.Length || text[letter] is not (>= 'A' and <= 'D') || (letter + 1 < text.Length && TextClasses.IsWord(text[letter + 1])))
        {
            return MatchResult.None;
        }

        finding = new Finding(SensitiveDataKinds.NationalId, at, letter + 1);
        return MatchResult.Found;
    }

    public static bool IsPrefix(ReadOnlySpan<char> letters) =>
        "ABCEGHJKLMNOPRSTWXYZ".Contains(letters[0], StringComparison.Ordinal)
            && "ABCEGHJKLMNPRSTWXYZ".Contains(letters[1], StringComparison.Ordinal)
            && letters is not ("BG" or "GB" or "KN" or "NK" or "NT" or "TN" or "ZZ");
}
