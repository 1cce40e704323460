using Microsoft.Extensions.AI;

namespace AgentHosting.Transcripts.Internal;

/// <summary>Finds the result of each call of one conversation, and writes the conversation anew with each behind its call. Takes time linear in the contents.</summary>
internal sealed class TranscriptRepairer
{
    private readonly IReadOnlyList<ChatMessage> _messages;

    /// <summary>The calls by the message that makes them, in order.</summary>
    private readonly Dictionary<int, List<ToolCallSlot>> _calls = [];
    private readonly Dictionary<string, List<ToolCallSlot>> _callsById = new(StringComparer.Ordinal);

    /// <summary>What each result answers, by the object: ids repeat. A result that is not in here answers nothing.</summary>
    private readonly Dictionary<FunctionResultContent, ToolCallSlot> _answers = new(ReferenceEqualityComparer.Instance);

    /// <summary>Results of calls that a service ran by itself; they are no business of ours.</summary>
    private readonly HashSet<FunctionResultContent> _told = new(ReferenceEqualityComparer.Instance);

    /// <summary>What was written already: a list may hold the same object twice.</summary>
    private readonly HashSet<FunctionResultContent> _written = new(ReferenceEqualityComparer.Instance);

    public TranscriptRepairer(IReadOnlyList<ChatMessage> messages)
    {
        _messages = messages;
        Collect();
        MatchExchanges();
        MatchStrays();
    }

    public IReadOnlyList<ChatMessage> Repair()
    {
        var repaired = new List<ChatMessage>(_messages.Count + 2);
        var changed = false;
        List<AIContent>? pending = null;
        var ask = -1;
        for (var i = 0; i < _messages.Count; i++)
        {
            var message = _messages[i];
            var isHome = ask >= 0 && IsHome(i, ask);
            if (!isHome || message.Role != ChatRole.Tool)
            {
                Flush(repaired, ref pending, ref changed);
            }

            if (!isHome && message.Role != ChatRole.Tool)
            {
                ask = -1;
            }

            var kept = Kept(message, isHome);
            changed |= !ReferenceEquals(kept, message);
            if (kept is not null)
            {
                repaired.Add(kept);
            }

            if (_calls.TryGetValue(i, out var calls))
            {
                ask = i;
                pending = Missing(calls, i);
            }
        }

        Flush(repaired, ref pending, ref changed);
        return changed ? repaired : _messages;
    }

    private static void Flush(List<ChatMessage> repaired, ref List<AIContent>? pending, ref bool changed)
    {
        if (pending is not null)
        {
            repaired.Add(new ChatMessage(ChatRole.Tool, pending));
            (pending, changed) = (null, true);
        }
    }

    private void Collect()
    {
        for (var i = 0; i < _messages.Count; i++)
        {
            if (_messages[i].Role != ChatRole.Assistant)
            {
                continue;
            }

            foreach (var content in _messages[i].Contents)
            {
                if (!ToolContents.IsCall(content))
                {
                    continue;
                }

                var slot = new ToolCallSlot(i, ((FunctionCallContent)content).CallId);
                Add(_calls, i, slot);
                Add(_callsById, slot.CallId, slot);
            }
        }
    }

    private void MatchExchanges()
    {
        // The calls of the exchange that wait for a result, by id, first come first.
        var waiting = new Dictionary<string, Queue<ToolCallSlot>>(StringComparer.Ordinal);
        var isAnswered = false;
        for (var i = 0; i < _messages.Count; i++)
        {
            var message = _messages[i];
            if (ToolContents.IsCarrier(message))
            {
                isAnswered = true;
            }
            else if (message.Role != ChatRole.Assistant || isAnswered)
            {
                waiting.Clear();
                isAnswered = false;
            }

            MatchMessage(i, waiting);
        }
    }

    private void MatchMessage(int index, Dictionary<string, Queue<ToolCallSlot>> waiting)
    {
        HashSet<string>? told = null;
        var next = 0;
        foreach (var content in _messages[index].Contents)
        {
            switch (content)
            {
                case FunctionCallContent { InformationalOnly: true } call:
                    (told ??= new HashSet<string>(StringComparer.Ordinal)).Add(call.CallId);
                    break;
                case FunctionCallContent call when _calls.TryGetValue(index, out var calls):
                    if (!waiting.TryGetValue(call.CallId, out var queue))
                    {
                        waiting[call.CallId] = queue = new Queue<ToolCallSlot>();
                    }

                    queue.Enqueue(calls[next++]);
                    break;
                case FunctionResultContent result when told?.Contains(result.CallId) == true:
                    _told.Add(result);
                    break;
                case FunctionResultContent result when waiting.TryGetValue(result.CallId, out var open) && open.TryDequeue(out var slot):
                    Answer(slot, result);
                    break;
            }
        }
    }

    private void MatchStrays()
    {
        foreach (var message in _messages)
        {
            foreach (var content in message.Contents)
            {
                if (content is FunctionResultContent result
                    && !_answers.ContainsKey(result) && !_told.Contains(result)
                    && _callsById.TryGetValue(result.CallId, out var calls) && calls is [{ Result: null } only])
                {
                    Answer(only, result);
                }
            }
        }
    }

    private void Answer(ToolCallSlot slot, FunctionResultContent result)
    {
        // The same object twice in a list answers once.
        if (_answers.TryAdd(result, slot))
        {
            slot.Result = result;
        }
    }

    /// <summary>Whether a message brings results to the call before it and to no other, so that it stays where it is.</summary>
    private bool IsHome(int index, int ask)
    {
        var message = _messages[index];
        // Results in the user's name are moved into a tool's message: clients that know results by the role alone would leave them out.
        if (message.Role != ChatRole.Tool)
        {
            return false;
        }

        foreach (var content in message.Contents)
        {
            if (content is FunctionResultContent result && _answers.TryGetValue(result, out var slot))
            {
                if (slot.Message != ask)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The message without the results that do not belong there; <see langword="null"/> when nothing is left.</summary>
    private ChatMessage? Kept(ChatMessage message, bool isHome)
    {
        List<AIContent>? kept = null;
        for (var i = 0; i < message.Contents.Count; i++)
        {
            var content = message.Contents[i];
            var stays = content is not FunctionResultContent result || _told.Contains(result) || (isHome && _answers.ContainsKey(result) && _written.Add(result));
            if (stays)
            {
                kept?.Add(content);
            }
            else
            {
                kept ??= [.. message.Contents.Take(i)];
            }
        }

        if (kept is null)
        {
            return message;
        }

        if (kept.Count == 0)
        {
            return null;
        }

        var copy = message.Clone();
        copy.Contents = kept;
        // Some clients send the provider's own form of a message instead of its contents.
        copy.RawRepresentation = null;
        return copy;
    }

    /// <summary>The results that do not follow the call by themselves.</summary>
    private List<AIContent>? Missing(List<ToolCallSlot> calls, int ask)
    {
        var home = new HashSet<FunctionResultContent>(ReferenceEqualityComparer.Instance);
        for (var i = ask + 1; i < _messages.Count; i++)
        {
            if (IsHome(i, ask))
            {
                home.UnionWith(_messages[i].Contents.OfType<FunctionResultContent>());
            }
            else if (_messages[i].Role != ChatRole.Tool)
            {
                break;
            }
        }

        List<AIContent>? missing = null;
        foreach (var slot in calls)
        {
            if (slot.Result is null || !home.Contains(slot.Result))
            {
                var result = slot.Result ?? new FunctionResultContent(slot.CallId, TranscriptRepair.MissingResult);
                _written.Add(result);
                (missing ??= []).Add(result);
            }
        }

        return missing;
    }

    private static void Add<TKey>(Dictionary<TKey, List<ToolCallSlot>> lists, TKey key, ToolCallSlot slot)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists[key] = list = [];
        }

        list.Add(slot);
    }
}
