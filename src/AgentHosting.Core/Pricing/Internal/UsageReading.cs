using Microsoft.Extensions.AI;

namespace AgentHosting.Pricing.Internal;

/// <summary>What a provider's report says of the input: the one place that knows where adapters put the tokens of the provider's cache.</summary>
internal readonly struct UsageReading
{
    // As the adapters of Microsoft.Extensions.AI name what they have in no property of UsageDetails.
    private static readonly string[] CacheReadNames = ["CacheReadInputTokens", "cache_read_input_tokens"];
    private static readonly string[] CacheWriteNames = ["CacheCreationInputTokens", "cache_creation_input_tokens", "CacheWriteInputTokens", "cache_write_input_tokens"];

    private UsageReading(long? input, long cached, long written, bool isBeside, bool isNamed)
    {
        Cached = cached;
        Written = written;
        IsBeside = isBeside;
        IsNamed = isNamed;
        Input = input is >= 0 ? input + (isBeside ? cached + written : 0) : null;
    }

    /// <summary>All input tokens, those of the cache included; <see langword="null"/> where it is not reported, or as less than nothing.</summary>
    public long? Input { get; }

    /// <summary>Those of them that were read from the cache.</summary>
    public long Cached { get; }

    /// <summary>Those of them that were written to it.</summary>
    public long Written { get; }

    /// <summary>Whether the report has those of the cache on top of its input.</summary>
    public bool IsBeside { get; }

    /// <summary>Whether what was read from the cache stands in <c>AdditionalCounts</c>, be it zero.</summary>
    public bool IsNamed { get; }

    public static UsageReading Of(UsageDetails usage, CachedInputReport report = CachedInputReport.Detect)
    {
        var named = Find(usage, CacheReadNames);
        var cached = Math.Max(0, usage.CachedInputTokenCount ?? named ?? 0);
        var written = Math.Max(0, Find(usage, CacheWriteNames) ?? 0);
        var isBeside = report == CachedInputReport.BesideInput
            || (report == CachedInputReport.Detect && usage.CachedInputTokenCount is null && named is not null)
            || cached + written > Math.Max(0, usage.InputTokenCount ?? 0);
        return new UsageReading(usage.InputTokenCount, cached, written, isBeside, named is not null);
    }

    private static long? Find(UsageDetails usage, string[] names)
    {
        if (usage.AdditionalCounts is not { Count: > 0 } counts)
        {
            return null;
        }

        foreach (var name in names)
        {
            if (counts.TryGetValue(name, out var count))
            {
                return count;
            }
        }

        return null;
    }
}
