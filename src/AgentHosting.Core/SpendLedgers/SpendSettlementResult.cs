namespace AgentHosting.SpendLedgers;

/// <summary>The answer to a settlement.</summary>
public sealed class SpendSettlementResult
{
    /// <summary>Whether it was charged; <see langword="false"/> when it was settled before or is not known, and nothing was changed.</summary>
    public required bool IsSettled { get; init; }

    /// <summary>Whether it came late, and took the place of what the ledger had charged by estimate.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool IsCorrection { get; init; }

    /// <summary>What it has crossed.</summary>
    /// <value>The default is nothing.</value>
    public IReadOnlyList<SpendCrossing> Crossings { get; init; } = [];

    /// <summary>What it has made unusually high.</summary>
    /// <value>The default is nothing.</value>
    public IReadOnlyList<SpendAnomaly> Anomalies { get; init; } = [];
}
