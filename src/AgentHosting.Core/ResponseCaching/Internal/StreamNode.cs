using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>One update of a shared stream. Read nodes that nobody holds any more are collected, as each knows only the next.</summary>
internal sealed class StreamNode
{
    private readonly CachedContent[]? _contents;
    private readonly string? _text;
    private readonly UsageDetails? _usage;
    private readonly AdditionalPropertiesDictionary? _properties;
    private readonly ChatResponseUpdate? _shape;
    private List<AIContent>? _shared;

    private StreamNode()
    {
    }

    private StreamNode(ChatResponseUpdate update, string? text, CachedContent[]? contents, UsageDetails? usage)
    {
        Original = update;
        _text = text;
        _contents = contents;
        _usage = usage;
        _properties = update.AdditionalProperties?.Clone();
        // A copy of the fields; its contents are those of the original and never touched.
        _shape = update.Clone();
        Size = 150 + (2 * (text?.Length ?? 0)) + (contents?.Sum(static content => content.Size) ?? 0);
    }

    public static StreamNode Head() => new();

    /// <summary>A node for an update that has no stored form: all who read the stream already get the same contents.</summary>
    public static StreamNode Alone(ChatResponseUpdate update) => new(update, text: null, contents: null, usage: null) { _shared = [.. update.Contents] };

    public StreamNode? Next { get; set; }

    public long Size { get; }

    /// <summary>The update as the model gave it, for the leader.</summary>
    public ChatResponseUpdate? Original { get; set; }

    /// <summary>Takes an update down before its leader sees it, who may change it.</summary>
    /// <returns>The node, or <see langword="null"/> when the update has no stored form.</returns>
    public static StreamNode? TryCreate(ChatResponseUpdate update)
    {
        if (!CachedJson.TryWrite(update.AdditionalProperties, out _))
        {
            return null;
        }

        var contents = update.Contents;
        if (contents is [TextContent { AdditionalProperties: null, Annotations: null } text] && text.GetType() == typeof(TextContent))
        {
            return new StreamNode(update, text.Text, contents: null, usage: null);
        }

        List<CachedContent>? stored = null;
        UsageDetails? usage = null;
        foreach (var content in contents)
        {
            if (content is UsageContent reported)
            {
                (usage ??= new UsageDetails()).Add(reported.Details);
            }
            else if (CachedContent.TryCreate(content) is { } one)
            {
                (stored ??= []).Add(one);
            }
            else
            {
                return null;
            }
        }

        return new StreamNode(update, text: null, stored?.ToArray(), usage);
    }

    /// <summary>The update, made anew.</summary>
    /// <param name="joined">Whether it is for one who does not pay: the usage is then zero.</param>
    public ChatResponseUpdate Create(bool joined)
    {
        var update = _shape!.Clone();
        update.RawRepresentation = null;
        update.AdditionalProperties = _properties?.Clone();
        var contents = new List<AIContent>(_shared ?? []);
        if (_text is not null)
        {
            contents.Add(new TextContent(_text));
        }

        foreach (var content in _contents ?? [])
        {
            contents.Add(content.Create());
        }

        if (_usage is not null)
        {
            contents.Add(new UsageContent(joined ? AnswerReplay.NoUsage() : CachedAnswer.CopyOf(_usage)!));
        }

        update.Contents = contents;
        return update;
    }
}
