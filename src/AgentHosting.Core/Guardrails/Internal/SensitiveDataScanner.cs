using System.Buffers;
using AgentHosting.Guardrails.Internal.Matchers;

namespace AgentHosting.Guardrails.Internal;

/// <summary>
/// Finds sensitive data from left to right. A vectorized search jumps to the next character that can give some away; matchers written by hand decide there,
/// in time bounded by the length of what they look for. What they decide depends on nothing but the text: where it may depend on what has not come yet they
/// say so, which is why a text may be cut anywhere.
/// </summary>
internal sealed class SensitiveDataScanner
{
    private const string BuiltIn = "0123456789@+(:=-_KIJGQ";
    private readonly SearchValues<char> _triggers;
    private readonly ISensitiveDataDetector[] _detectors;

    public SensitiveDataScanner(IEnumerable<ISensitiveDataDetector> detectors)
    {
        _detectors = [.. detectors];
        _triggers = SearchValues.Create(string.Concat(_detectors.Select(static detector => detector.TriggerCharacters).Prepend(BuiltIn)));
        MaxContext = Math.Max(TextClasses.MaxRun, ContextWords.Reach) + 2;
    }

    /// <summary>How many characters before a position may count for what is found there.</summary>
    public int MaxContext { get; }

    /// <summary>Finds what comes next.</summary>
    /// <param name="text">The text, from its start or at least <see cref="MaxContext"/> characters before <paramref name="position"/>.</param>
    /// <param name="position">Where to begin; then where to go on.</param>
    /// <param name="floor">The end of the last finding, which no other may overlap.</param>
    /// <param name="isFinal">Whether nothing follows the text.</param>
    /// <param name="finding">What was found.</param>
    public MatchResult Next(ReadOnlySpan<char> text, ref int position, int floor, bool isFinal, out Finding finding)
    {
        while (true)
        {
            var offset = text[position..].IndexOfAny(_triggers);
            if (offset < 0)
            {
                position = text.Length;
                finding = default;
                return MatchResult.None;
            }

            var at = position + offset;
            var result = MatchBuiltIn(text, at, floor, isFinal, out finding);
            if (result == MatchResult.None && _detectors.Length > 0)
            {
                result = MatchOwn(text, at, floor, isFinal, out finding);
            }

            switch (result)
            {
                case MatchResult.NeedMore:
                    position = at;
                    return result;
                case MatchResult.Found:
                    position = finding.End;
                    return result;
                default:
                    position = at + 1;
                    break;
            }

            // What a number is its first digit decides; only a detector of the application's may want the others.
            if (_detectors.Length == 0 && char.IsAsciiDigit(text[at]))
            {
                while (position < text.Length && char.IsAsciiDigit(text[position]))
                {
                    position++;
                }
            }
        }
    }

    private static MatchResult MatchBuiltIn(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        MatchResult result;
        // Most stops are in ordinary text: the characters on both sides rule them out.
        var previous = at > floor ? text[at - 1] : '\0';
        switch (text[at])
        {
            case '@':
                return EmailMatcher.Match(text, at, floor, isFinal, out finding);
            case '+' or '(' when at + 1 == text.Length || char.IsAsciiDigit(text[at + 1]) || text[at + 1] == '(':
                return PhoneMatcher.MatchSign(text, at, isFinal, out finding);
            case ':':
                if (at + 1 == text.Length && !isFinal)
                {
                    finding = default;
                    return MatchResult.NeedMore;
                }

                result = UrlPasswordMatcher.Match(text, at, isFinal, out finding);
                result = result == MatchResult.None ? IpAddressMatcher.MatchV6(text, at, floor, isFinal, out finding) : result;
                return result == MatchResult.None ? AssignedSecretMatcher.Match(text, at, isFinal, out finding) : result;
            case '=':
                return AssignedSecretMatcher.Match(text, at, isFinal, out finding);
            case '-':
                result = TokenMatcher.MatchHyphen(text, at, floor, isFinal, out finding);
                return result == MatchResult.None ? PemMatcher.Match(text, at, floor, isFinal, out finding) : result;
            case '_':
                return TokenMatcher.MatchUnderscore(text, at, floor, isFinal, out finding);
            case 'K' when previous == 'A':
            case 'I' when previous is 'A' or 'B' or 'S':
                return TokenMatcher.MatchCloudKey(text, at, floor, isFinal, out finding);
            case 'J' when previous == 'y':
                return TokenMatcher.MatchJwt(text, at, floor, isFinal, out finding);
            case 'G' when previous == 'S':
            case 'Q' when char.IsAsciiDigit(previous):
                return TokenMatcher.MatchRare(text, at, floor, isFinal, out finding);
            case >= '0' and <= '9':
                return NumberMatcher.Match(text, at, floor, isFinal, out finding);
            default:
                finding = default;
                return MatchResult.None;
        }
    }

    // They see the same characters however the text was cut, since they are asked only once all of them are there.
    private MatchResult MatchOwn(ReadOnlySpan<char> text, int at, int floor, bool isFinal, out Finding finding)
    {
        finding = default;
        foreach (var detector in _detectors)
        {
            if (!detector.TriggerCharacters.Contains(text[at], StringComparison.Ordinal))
            {
                continue;
            }

            var window = detector.MaxLength + 1;
            if (text.Length - at < window && !isFinal)
            {
                return MatchResult.NeedMore;
            }

            var length = detector.Match(at > floor ? text[at - 1] : '\0', text.Slice(at, Math.Min(window, text.Length - at)));
            if (length > 0)
            {
                finding = new Finding(detector.Kind, at, at + Math.Min(length, Math.Min(detector.MaxLength, text.Length - at)));
                return MatchResult.Found;
            }
        }

        return MatchResult.None;
    }
}
