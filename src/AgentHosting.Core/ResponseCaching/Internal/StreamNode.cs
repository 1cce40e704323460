using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>One update of a shared stream. Read nodes that nobody holds any more are collected, as each knows only the next.</summary>
internal sealed class StreamNode
{
    // All of an update but its contents. Most updates of a stream are alike in that, and share it.
    private readonly ChatResponseUpdate? _shape;
    private readonly string? _text;
    private readonly StreamContents? _contents;

    private StreamNode()
    {
    }

    private StreamNode(ChatResponseUpdate original, ChatResponseUpdate shape, string? text, StreamContents? contents)
    {
        Original = original;
        _shape = shape;
        _text = text;
        _contents = contents;
        Size = 150 + (2 * (text?.Length ?? 0)) + (contents?.Size ?? 0);
    }

    public StreamNode? Next { get; set; }

    public long Size { get; }

    /// <summary>The update as the model gave it, for the leader.</summary>
    public ChatResponseUpdate? Original { get; set; }

    public static StreamNode Head() => new();

    /// <summary>Takes an update down before its leader sees it, who may change it.</summary>
    /// <returns>The node, or <see langword="null"/> when the update has no stored form.</returns>
    public static StreamNode? TryCreate(ChatResponseUpdate update, StreamNode previous)
    {
        var shape = previous._shape is { } known && IsAlike(update, known) ? known : ShapeOf(update);
        if (update.Contents is [TextContent { AdditionalProperties: null, Annotations: null } text])
        {
            return shape is null ? null : new StreamNode(update, shape, text.Text, contents: null);
        }

        return shape is not null && StreamContents.TryCreate(update.Contents) is { } contents ? new StreamNode(update, shape, text: null, contents) : null;
    }

    /// <summary>A node for an update that has no stored form: all who read the stream already get the same contents.</summary>
    public static StreamNode Alone(ChatResponseUpdate update) => new(update, update.Clone(), text: null, StreamContents.Shared(update.Contents));

    /// <summary>The update, made anew.</summary>
    /// <param name="joined">Whether it is for one who does not pay: the usage is then zero.</param>
    public ChatResponseUpdate Create(bool joined) => Create(_shape!, _text, _contents, joined);

    /// <summary>The updates from here on, made anew, with text in as few pieces as it has without a loss.</summary>
    public List<ChatResponseUpdate> Coalesced()
    {
        var updates = new List<ChatResponseUpdate>();
        var node = this;
        while (node is not null)
        {
            var first = node;
            if (first._text is null)
            {
                updates.Add(first.Create(joined: false));
                node = first.Next;
                continue;
            }

            var length = 0;
            for (; node is { _text: { } text } && ReferenceEquals(node._shape, first._shape); node = node.Next)
            {
                length += text.Length;
            }

            updates.Add(Create(first._shape!, string.Create(length, first, FillText), contents: null, joined: false));
        }

        return updates;
    }

    private static void FillText(Span<char> destination, StreamNode first)
    {
        for (var node = first; destination.Length > 0; node = node.Next!)
        {
            var text = node._text!;
            text.CopyTo(destination);
            destination = destination[text.Length..];
        }
    }

    private static ChatResponseUpdate Create(ChatResponseUpdate shape, string? text, StreamContents? contents, bool joined)
    {
        var update = shape.Clone();
        update.AdditionalProperties = shape.AdditionalProperties?.Clone();
        update.Contents = contents?.Create(joined) ?? (text is null ? [] : [new TextContent(text)]);
        return update;
    }

    private static ChatResponseUpdate? ShapeOf(ChatResponseUpdate update)
    {
        if (!CachedJson.TryWrite(update.AdditionalProperties, out _))
        {
            return null;
        }

        var shape = update.Clone();
        shape.Contents = [];
        shape.RawRepresentation = null;
        shape.AdditionalProperties = update.AdditionalProperties?.Clone();
        return shape;
    }

    private static bool IsAlike(ChatResponseUpdate update, ChatResponseUpdate shape) =>
        update.AdditionalProperties is null
        && shape.AdditionalProperties is null
        && update.ContinuationToken is null
        && shape.ContinuationToken is null
        && update.MessageId == shape.MessageId
        && update.ResponseId == shape.ResponseId
        && update.Role == shape.Role
        && update.FinishReason == shape.FinishReason
        && update.ModelId == shape.ModelId
        && update.CreatedAt == shape.CreatedAt
        && update.AuthorName == shape.AuthorName
        && update.ConversationId == shape.ConversationId;
}
