using AgentHosting.SpendLedgers;

namespace AgentHosting.Alerts;

/// <summary>Something about spend that an operator wants to know.</summary>
public sealed class SpendAlert
{
    /// <summary>A name of its own: the same for every handler.</summary>
    public required string Id { get; init; }

    /// <summary>Why it is raised.</summary>
    public required SpendAlertKind Kind { get; init; }

    /// <summary>Whose spend.</summary>
    public required SpendScope Scope { get; init; }

    /// <summary>The name of the user, run, tenant...; empty for all.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The tenant of that user or session.</summary>
    /// <value>The default is <see langword="null"/>: none, or the scope is no user and no session.</value>
    public string? TenantId { get; init; }

    /// <summary>What is counted.</summary>
    public required SpendUnit Unit { get; init; }

    /// <summary>The share of the cap that is reached; of an anomaly, how many times the usual was agreed to make one.</summary>
    public required double Ratio { get; init; }

    /// <summary>The cap; money in the host's currency.</summary>
    /// <value>The default is <see langword="null"/>: an anomaly, which has none.</value>
    public decimal? Cap { get; init; }

    /// <summary>What a period costs on average; money in the host's currency.</summary>
    /// <value>The default is <see langword="null"/>: not an anomaly.</value>
    public decimal? Usual { get; init; }

    /// <summary>What is spent, in the same unit. It is below the cap where requests are refused for what others under way have set aside.</summary>
    public required decimal Spent { get; init; }

    /// <summary>Over which time, as <see cref="SpendWindow.Name"/>; of an anomaly the period, as <c>period:01:00:00</c>.</summary>
    public required string Window { get; init; }

    /// <summary>When the window ends.</summary>
    /// <value>The default is <see langword="null"/>: never.</value>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>When it was found.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>All of it in a sentence.</summary>
    public required string Message { get; init; }
}
