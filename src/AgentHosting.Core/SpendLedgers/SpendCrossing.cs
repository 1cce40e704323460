namespace AgentHosting.SpendLedgers;

/// <summary>A limit whose spend has reached one of its <see cref="SpendLimit.AlertRatios"/>, told once in each period.</summary>
public sealed class SpendCrossing
{
    /// <summary>The limit.</summary>
    public required SpendLimit Limit { get; init; }

    /// <summary>Whose limit; empty for all.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The tenant of that user or session.</summary>
    /// <value>The default is <see langword="null"/>: none, or the scope is no user and no session.</value>
    public string? TenantId { get; init; }

    /// <summary>Which of its caps.</summary>
    public required SpendUnit Unit { get; init; }

    /// <summary>The share of the cap that was reached.</summary>
    public required double Ratio { get; init; }

    /// <summary>The cap.</summary>
    public required long Cap { get; init; }

    /// <summary>What is spent. It is below <see cref="Cap"/> where requests are refused for what is set aside.</summary>
    public required long Settled { get; init; }

    /// <summary>Number of the period, as in <see cref="SpendBalance.Period"/>.</summary>
    public required long Period { get; init; }

    /// <summary>When the period ends: for a rolling window, when all that is spent by now is forgotten.</summary>
    /// <value>The default is <see langword="null"/>: never.</value>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>When it was reached.</summary>
    public required DateTimeOffset At { get; init; }
}
