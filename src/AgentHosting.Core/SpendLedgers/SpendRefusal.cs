namespace AgentHosting.SpendLedgers;

/// <summary>Why nothing was set aside.</summary>
public sealed class SpendRefusal
{
    /// <summary>The limit.</summary>
    public required SpendLimit Limit { get; init; }

    /// <summary>Whose limit.</summary>
    public required string ScopeId { get; init; }

    /// <summary>Which of its caps.</summary>
    public required SpendUnit Unit { get; init; }

    /// <summary>The cap.</summary>
    public required long Cap { get; init; }

    /// <summary>What is spent and held.</summary>
    public required long Used { get; init; }

    /// <summary>What was asked for.</summary>
    public required long Requested { get; init; }

    /// <summary>When enough is forgotten, if nothing else is spent; <see langword="null"/> for never.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}
