namespace AgentHosting.Pricing.Internal;

/// <summary>Counts a text as it comes, so that its pieces add up to what the whole of it counts.</summary>
internal sealed class TextMeter(ITokenCounter counter)
{
    // A counter of texts has to see what a piece belongs to. What lies further back, up to the beginning of a word, is counted for good, so that each piece costs the same time.
    private const int LongestTail = 128;
    private const int LongestWord = 512;

    private readonly bool _isEstimated = counter is TokenEstimator;
    private TokenScanner _scanner;
    private string _tail = "";
    private long _counted;
    private long _ofTail;

    public long Tokens => _isEstimated ? _scanner.Tokens : _counted + _ofTail;

    public void Add(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        if (_isEstimated)
        {
            _scanner.Add(text);
            return;
        }

        _tail += text;
        if (_tail.Length > LongestTail && WordBefore(_tail.Length - 1) is > 0 and var cut)
        {
            _counted += counter.CountOutput(_tail.AsSpan(0, cut));
            _tail = _tail[cut..];
        }

        _ofTail = counter.CountOutput(_tail);
    }

    /// <summary>Where encodings cut a text in any case: before the one space that goes with a word. In what has no words, where it has become long.</summary>
    private int WordBefore(int end)
    {
        for (var i = end - 1; i > 0; i--)
        {
            if (_tail[i] == ' ' && char.IsLetter(_tail[i + 1]) && char.IsLetter(_tail[i - 1]))
            {
                return i;
            }
        }

        return _tail.Length < LongestWord ? 0 : char.IsLowSurrogate(_tail[end]) ? end - 1 : end;
    }
}
