namespace AgentHosting.SpendLedgers;

/// <summary>The spend of one group.</summary>
public sealed class SpendSummary
{
    /// <summary>The group; empty for all, and for requests that belong to none.</summary>
    public required string Key { get; init; }

    /// <summary>The tenant of that user, where spend is grouped by user.</summary>
    /// <value>The default is <see langword="null"/>: none, or another grouping.</value>
    public string? TenantId { get; init; }

    /// <summary>Requests to providers.</summary>
    public required long Calls { get; init; }

    /// <summary>How many of them were estimated.</summary>
    public required long EstimatedCalls { get; init; }

    /// <summary>How many of them had no known price.</summary>
    public required long UnpricedCalls { get; init; }

    /// <summary>Input tokens.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Output tokens.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>Input tokens that providers read from their caches.</summary>
    public required long CachedInputTokens { get; init; }

    /// <summary>The exact cost of those with a price.</summary>
    public required decimal Cost { get; init; }
}
