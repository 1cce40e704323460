namespace AgentHosting.SpendLedgers;

/// <summary>Spend that is unusually high, told once in each period.</summary>
public sealed class SpendAnomaly
{
    /// <summary>The rule.</summary>
    public required SpendAnomalyRule Rule { get; init; }

    /// <summary>Whose spend; empty for all.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The tenant of that user or session.</summary>
    /// <value>The default is <see langword="null"/>: none, or the scope is no user and no session.</value>
    public string? TenantId { get; init; }

    /// <summary>What is spent in the period so far, in billionths of the currency.</summary>
    public required long SpentNanos { get; init; }

    /// <summary>What the periods before it cost on average.</summary>
    public required long UsualNanos { get; init; }

    /// <summary>When the period ends.</summary>
    public required DateTimeOffset ResetsAt { get; init; }

    /// <summary>When it was found.</summary>
    public required DateTimeOffset At { get; init; }
}
