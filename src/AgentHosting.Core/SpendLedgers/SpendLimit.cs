namespace AgentHosting.SpendLedgers;

/// <summary>What may be spent in a scope and a window. What was spent is kept by scope and window alone, so that another cap forgets nothing.</summary>
public sealed class SpendLimit
{
    /// <summary>The largest cap on money, in billionths of the currency: every store counts up to it exactly.</summary>
    public const long MaxNanos = 1L << 53;

    /// <summary>Whose spend is counted.</summary>
    public required SpendScope Scope { get; init; }

    /// <summary>Over which time. That of <see cref="SpendScope.Call"/> does not matter.</summary>
    /// <value>The default is <see cref="SpendWindow.Total"/>.</value>
    public SpendWindow Window { get; init; } = SpendWindow.Total;

    /// <summary>The most money, in billionths of the host's currency.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxCostNanos { get; init; }

    /// <summary>The most tokens, input and output together.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxTokens { get; init; }

    /// <summary>The most requests to providers.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxCalls { get; init; }
}
