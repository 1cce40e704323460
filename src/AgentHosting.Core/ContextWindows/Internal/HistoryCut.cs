using AgentHosting.Pricing;
using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>
/// Leaves out of one history what has to be, least valuable first: repeated tool results, the length of old ones, old turns, old tool calls of the turns that are kept, the
/// length of the latest results. System messages, what the user says in the turns that are kept, and the latest exchange stay.
/// </summary>
internal sealed class HistoryCut
{
    private readonly ContextWindowOptions _options;
    private readonly ITokenCounter _counter;
    private readonly ChatMessage?[] _messages;
    private readonly long[] _tokens;
    private readonly List<HistoryTurn> _turns;
    private readonly List<HistoryExchange> _exchanges;
    private readonly long _perRequest;
    private long _total;

    /// <param name="messages">The history, repaired. Neither it nor its messages are changed.</param>
    /// <param name="total">What it counts as a whole, with the options of the request.</param>
    /// <param name="options">How to cut.</param>
    /// <param name="counter">Counts tokens.</param>
    public HistoryCut(IReadOnlyList<ChatMessage> messages, long total, ContextWindowOptions options, ITokenCounter counter)
    {
        _options = options;
        _counter = counter;
        _total = total;
        _messages = [.. messages];
        _tokens = new long[messages.Count];
        _perRequest = counter.CountInput([], options: null);
        for (var i = 0; i < messages.Count; i++)
        {
            _tokens[i] = Count(messages[i]);
        }

        _turns = HistoryMap.TurnsOf(messages);
        _exchanges = HistoryMap.ExchangesOf(messages);
    }

    /// <summary>The tokens that are left, as the sum of messages tells.</summary>
    public long Total => _total;

    /// <summary>Cuts until no more than <paramref name="limit"/> tokens are left, or nothing more can go.</summary>
    public void To(long limit)
    {
        var latest = _exchanges.Count - 1;
        if (_total > limit)
        {
            FoldRepeatedResults();
        }

        for (var i = 0; i < latest && _total > limit; i++)
        {
            ShortenResults(_exchanges[i]);
        }

        for (var i = 0; i < _turns.Count - _options.KeepTurns && _total > limit; i++)
        {
            LeaveOut(_turns[i].Start, _turns[i].End);
        }

        for (var i = 0; i < latest && _total > limit; i++)
        {
            LeaveOut(_exchanges[i].Start, _exchanges[i].End);
        }

        if (latest >= 0 && _total > limit)
        {
            ShortenResults(_exchanges[latest]);
        }
    }

    public IReadOnlyList<ChatMessage> ToMessages() => [.. _messages.OfType<ChatMessage>()];

    // The latest one stays, since it is the last to be left out.
    private void FoldRepeatedResults()
    {
        var seen = new HashSet<(string Tool, string Text)>();
        for (var i = _exchanges.Count - 1; i >= 0; i--)
        {
            var names = NamesOf(_exchanges[i]);
            ReplaceResults(_exchanges[i], result =>
                ToolResultText.Of(result) is { Length: >= ContextWindowDefaults.MinFoldedLength } text && names.TryGetValue(result.CallId, out var name) && !seen.Add((name, text))
                    ? $"[The same result as that of a later call of {name}.]"
                    : null);
        }
    }

    private void ShortenResults(HistoryExchange exchange) => ReplaceResults(
        exchange, result => ToolResultText.Of(result) is { } text ? ToolResultText.Shortened(text, _options.MaxToolResultTokens, _counter) : null);

    private Dictionary<string, string> NamesOf(HistoryExchange exchange)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var call in (_messages[exchange.Start]?.Contents ?? []).OfType<FunctionCallContent>())
        {
            // Of two calls with one id nobody can tell which result is whose; they are not folded unless both ask the same tool.
            names[call.CallId] = names.TryGetValue(call.CallId, out var other) && other != call.Name ? $"{other} or {call.Name}" : call.Name;
        }

        return names;
    }

    private void ReplaceResults(HistoryExchange exchange, Func<FunctionResultContent, string?> shorterText)
    {
        for (var i = exchange.End - 1; i > exchange.Start; i--)
        {
            if (_messages[i] is not { } message)
            {
                continue;
            }

            List<AIContent>? contents = null;
            for (var k = message.Contents.Count - 1; k >= 0; k--)
            {
                if (message.Contents[k] is FunctionResultContent result && shorterText(result) is { } text)
                {
                    contents ??= [.. message.Contents];
                    contents[k] = ToolResultText.WithText(result, text);
                }
            }

            if (contents is not null)
            {
                Replace(i, message, contents);
            }
        }
    }

    private void Replace(int index, ChatMessage message, List<AIContent> contents)
    {
        var copy = message.Clone();
        copy.Contents = contents;
        // Some clients send the provider's own form of a message instead of its contents.
        copy.RawRepresentation = null;
        var tokens = Count(copy);
        _total -= _tokens[index] - tokens;
        (_messages[index], _tokens[index]) = (copy, tokens);
    }

    private void LeaveOut(int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (_messages[i] is { } message && !HistoryMap.IsInstruction(message))
            {
                _total -= _tokens[i];
                _messages[i] = null;
            }
        }
    }

    // What a counter adds for each request is in the total once.
    private long Count(ChatMessage message) => _counter.CountInput([message], options: null) - _perRequest;
}
