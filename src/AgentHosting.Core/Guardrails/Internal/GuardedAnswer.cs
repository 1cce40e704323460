using Microsoft.Extensions.AI;

namespace AgentHosting.Guardrails.Internal;

/// <summary>
/// One answer on its way through the guard, whole or in updates. Updates are held until all of their text is decided, and go out as they came, in their
/// order; only those with something to replace are copied.
/// </summary>
internal sealed class GuardedAnswer
{
    private const int SplitAt = 256;
    private readonly Queue<(ChatResponseUpdate Update, long Start, long End)> _held = [];
    private readonly StreamingRedactor _text;
    private readonly bool _filterReasoning;
    private readonly AnnotationFilter _annotations;
    private readonly List<AIContent> _usage = [];
    private Type? _kind;
    private string? _messageId;
    private ChatRole? _role;
    private int _sent;
    private bool _hasTextBeside;

    public GuardedAnswer(GuardPolicy policy, bool filterReasoning) => 
        (_text, _filterReasoning, _annotations) = (new StreamingRedactor(policy), filterReasoning, new AnnotationFilter(policy));

    public bool IsBlocked => _text.BlockedAt is not null;

    public string? BlockedKind => _text.BlockedKind;

    public void Start(bool isJson, in TokenScope scope, Action<string, SensitiveDataAction> onFound)
    {
        _text.Start(isJson, scope);
        _annotations.Start(scope);
        _text.OnFound = onFound;
    }

    public void Reset()
    {
        _text.Reset();
        _held.Clear();
        _usage.Clear();
        (_kind, _messageId, _role, _sent, _hasTextBeside) = (null, null, null, 0, false);
    }

    /// <summary>Takes the next update of a stream.</summary>
    public void Add(ChatResponseUpdate update)
    {
        // Another message is another text.
        if ((update.MessageId is { } id && _messageId is { } last && id != last) || (update.Role is { } role && _role is { } lastRole && role != lastRole))
        {
            EndText();
        }

        _messageId = update.MessageId ?? _messageId;
        _role = update.Role ?? _role;
        var start = _text.Total;
        Read(update.Contents);
        if (update.FinishReason is not null)
        {
            EndText();
        }

        _held.Enqueue((update, start, _text.Total));
    }

    /// <summary>The stream has ended, or is cut.</summary>
    public void EndText()
    {
        _text.Complete();
        _kind = null;
    }

    /// <summary>The next update that may go out.</summary>
    public ChatResponseUpdate? Take()
    {
        if (!_held.TryPeek(out var held))
        {
            return null;
        }

        var (update, start, end) = held;
        if (_text.BlockedAt is { } blocked && blocked < end)
        {
            _held.Dequeue();
            foreach (var later in _held)
            {
                AddAfterBlock(later.Update);
            }

            _held.Clear();
            return Cut(update, start);
        }

        if (end > _text.Frontier)
        {
            return Split(update, start);
        }

        _held.Dequeue();
        var sent = _sent;
        _sent = 0;
        var contents = !_text.HasEdits && sent == 0 && !(_hasTextBeside && AnnotationFilter.HasAny(update.Contents)) ? null : Rewrite(update.Contents, start, sent);
        _text.Release(end);
        return contents is null ? update : Copy(update, contents);
    }

    /// <summary>Keeps the usage of an update that comes after the block.</summary>
    public void AddAfterBlock(ChatResponseUpdate update) => _usage.AddRange(update.Contents.Where(static content => content is UsageContent));

    /// <summary>The usage that came after the block.</summary>
    public ChatResponseUpdate? TakeUsage() =>
        _usage.Count == 0 ? null : new ChatResponseUpdate { Role = _role, MessageId = _messageId, Contents = [.. _usage], FinishReason = ChatFinishReason.ContentFilter };

    /// <summary>Filters a whole answer.</summary>
    public ChatResponse Filter(ChatResponse response)
    {
        foreach (var message in response.Messages)
        {
            Read(message.Contents);
            EndText();
        }

        if (!_text.HasEdits && !_hasTextBeside)
        {
            return response;
        }

        long start = 0;
        var messages = new List<ChatMessage>(response.Messages.Count);
        foreach (var message in response.Messages)
        {
            var length = LengthOf(message.Contents);
            var isCut = _text.BlockedAt < start + length;
            var contents = isCut ? CutContents(message.Contents, start, 0) : Rewrite(message.Contents, start, 0);
            messages.Add(contents is null ? message : Copy(message, contents));
            start += length;
            if (isCut)
            {
                break;
            }
        }

        var copy = new ChatResponse(messages)
        {
            ResponseId = response.ResponseId,
            ConversationId = response.ConversationId,
            ModelId = response.ModelId,
            CreatedAt = response.CreatedAt,
            FinishReason = IsBlocked ? ChatFinishReason.ContentFilter : response.FinishReason,
            Usage = response.Usage,
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
            ContinuationToken = IsBlocked ? null : response.ContinuationToken,
#pragma warning restore MEAI001
            AdditionalProperties = response.AdditionalProperties,
        };
        copy.AdditionalProperties = IsBlocked ? Marked(copy.AdditionalProperties) : copy.AdditionalProperties;
        return copy;
    }

    private void Read(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            var content = contents[i];
            _hasTextBeside |= content.Annotations is { Count: > 0 } || content is ErrorContent;
            if (TextOf(content) is { } text)
            {
                if (text.Length == 0)
                {
                    continue;
                }

                if (_kind is not null && _kind != content.GetType())
                {
                    EndText();
                }

                _kind = content.GetType();
                _text.Append(text);
            }
            else if (content is not UsageContent && !IsEmptyReasoning(content))
            {
                // A tool call, a file: what follows is read apart from what came before.
                EndText();
            }
        }
    }

    private static bool IsEmptyReasoning(AIContent content) => content is TextReasoningContent { Text: null or "" };

    private string? TextOf(AIContent content) => content switch
    {
        TextContent text => text.Text ?? string.Empty,
        TextReasoningContent reasoning when _filterReasoning => reasoning.Text ?? string.Empty,
        _ => null,
    };

    private long LengthOf(IList<AIContent> contents)
    {
        long length = 0;
        for (var i = 0; i < contents.Count; i++)
        {
            length += TextOf(contents[i])?.Length ?? 0;
        }

        return length;
    }

    // A long piece does not wait for its last word.
    private ChatResponseUpdate? Split(ChatResponseUpdate update, long start)
    {
        var ready = _text.Frontier - start;
        if (ready - _sent < SplitAt || update.Contents.Count != 1 || TextOf(update.Contents[0]) is not { } text)
        {
            return null;
        }

        var part = text.AsSpan(_sent, (int)(ready - _sent));
        var shown = _text.Render(part, start + _sent) ?? part.ToString();
        _sent = (int)ready;
        _text.Release(start + _sent);
        var copy = Copy(update, [WithText(update.Contents[0], shown)]);
        copy.FinishReason = null;
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
        // Who went on from it would miss the part that is held.
        copy.ContinuationToken = null;
#pragma warning restore MEAI001
        return copy;
    }

    private ChatResponseUpdate Cut(ChatResponseUpdate update, long start)
    {
        var copy = Copy(update, CutContents(update.Contents, start, _sent));
        copy.FinishReason = ChatFinishReason.ContentFilter;
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
        copy.ContinuationToken = null;
#pragma warning restore MEAI001
        copy.AdditionalProperties = Marked(copy.AdditionalProperties);
        return copy;
    }

    private AdditionalPropertiesDictionary Marked(AdditionalPropertiesDictionary? properties)
    {
        var copy = properties?.Clone() ?? [];
        copy[OutputGuardProperties.Blocked] = _text.BlockedKind;
        return copy;
    }

    private List<AIContent> CutContents(IList<AIContent> contents, long start, int skip)
    {
        var kept = new List<AIContent>(contents.Count);
        var blocked = _text.BlockedAt!.Value;
        for (var i = 0; i < contents.Count; i++)
        {
            var text = TextOf(contents[i]);
            if (text is null)
            {
                kept.Add(contents[i] is ErrorContent error ? _annotations.Filter(error) : contents[i]);
                continue;
            }

            var isLast = blocked < start + text.Length;
            var shown = _text.Render(text.AsSpan(skip), start + skip) ?? text[skip..];
            if (shown.Length > 0 || !isLast)
            {
                // By its characters: a mask is as long as what it hides.
                var isChanged = !shown.Equals(text, StringComparison.Ordinal);
                kept.Add(isChanged || _annotations.ChangesAny(contents[i]) ? WithText(contents[i], shown, isChanged) : contents[i]);
            }

            if (isLast)
            {
                // What was billed was billed.
                kept.AddRange(contents.Skip(i + 1).Where(static content => content is UsageContent));
                break;
            }

            (start, skip) = (start + text.Length, 0);
        }

        return kept;
    }

    private List<AIContent>? Rewrite(IList<AIContent> contents, long start, int skip)
    {
        List<AIContent>? copy = null;
        for (var i = 0; i < contents.Count; i++)
        {
            if (TextOf(contents[i]) is not { } text)
            {
                if (contents[i] is ErrorContent error && !ReferenceEquals(_annotations.Filter(error), error))
                {
                    copy ??= [.. contents];
                    copy[i] = _annotations.Filter(error);
                }

                continue;
            }

            var shown = _text.Render(text.AsSpan(skip), start + skip) ?? (skip > 0 ? text[skip..] : null);
            if (shown is not null || _annotations.ChangesAny(contents[i]))
            {
                copy ??= [.. contents];
                copy[i] = WithText(contents[i], shown ?? text, isChanged: shown is not null);
            }

            (start, skip) = (start + text.Length, 0);
        }

        return copy;
    }

    private static ChatResponseUpdate Copy(ChatResponseUpdate update, List<AIContent> contents)
    {
        var copy = update.Clone();
        // What the provider's own object holds was not filtered.
        (copy.Contents, copy.RawRepresentation) = (contents, null);
        return copy;
    }

    private static ChatMessage Copy(ChatMessage message, List<AIContent> contents)
    {
        var copy = message.Clone();
        (copy.Contents, copy.RawRepresentation) = (contents, null);
        return copy;
    }

    // Protected data goes back to the provider, which alone can read it.
    private AIContent WithText(AIContent content, string text, bool isChanged = true)
    {
        var annotations = content.Annotations is { Count: > 0 } all ? _annotations.Filter(all, isChanged) : null;
        return content is TextReasoningContent reasoning
            ? new TextReasoningContent(text) { ProtectedData = reasoning.ProtectedData, Annotations = annotations, AdditionalProperties = content.AdditionalProperties }
            : new TextContent(text) { Annotations = annotations, AdditionalProperties = content.AdditionalProperties };
    }
}
