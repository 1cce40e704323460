using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The contents of an update that is more than one piece of text.</summary>
internal sealed class StreamContents
{
    private readonly CachedContent[] _contents;
    private readonly UsageDetails? _usage;
    private readonly AIContent[] _shared;

    private StreamContents(CachedContent[] contents, UsageDetails? usage, AIContent[] shared)
    {
        _contents = contents;
        _usage = usage;
        _shared = shared;
        Size = contents.Sum(static content => content.Size);
    }

    public long Size { get; }

    /// <summary>Takes contents down.</summary>
    /// <returns><see langword="null"/> when one of them has no stored form.</returns>
    public static StreamContents? TryCreate(IList<AIContent> contents)
    {
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

        return new StreamContents(stored?.ToArray() ?? [], usage, []);
    }

    public static StreamContents Shared(IList<AIContent> contents) => new([], null, [.. contents]);

    public List<AIContent> Create(bool joined)
    {
        var contents = new List<AIContent>(_shared);
        foreach (var content in _contents)
        {
            contents.Add(content.Create());
        }

        if (_usage is not null)
        {
            contents.Add(new UsageContent(joined ? AnswerReplay.NoUsage() : CachedAnswer.CopyOf(_usage)!));
        }

        return contents;
    }
}
