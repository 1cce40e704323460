namespace AgentHosting.SpendLedgers;

/// <summary>What a request has cost.</summary>
public sealed class SpendSettlement
{
    // Not as decimal?, which takes a word more: one of these is made for every request.
    private readonly bool _hasCost;
    private readonly decimal _cost;

    /// <summary>The name under which it was reserved.</summary>
    public required string Id { get; init; }

    /// <summary>Input tokens, those from the provider's cache included.</summary>
    public long InputTokens { get; init; }

    /// <summary>Output tokens, reasoning included.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Input tokens that the provider read from its cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Input tokens that the provider wrote to its cache.</summary>
    public long CacheWriteTokens { get; init; }

    /// <summary>Output tokens that were reasoning.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>The exact cost.</summary>
    /// <value>The default is <see langword="null"/>: the price is unknown.</value>
    public decimal? Cost { get => _hasCost ? _cost : null; init => (_hasCost, _cost) = (value is not null, value ?? 0); }

    /// <summary>Whether tokens were counted by the host, since the provider did not report them.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>How the request ended.</summary>
    public SpendOutcome Outcome { get; init; }
}
