namespace AgentHosting.SpendLedgers;

/// <summary>What a sweep did.</summary>
public sealed class SpendSweepResult
{
    /// <summary>How many reservations were charged in full.</summary>
    public required int Charged { get; init; }

    /// <summary>What they have crossed.</summary>
    /// <value>The default is nothing.</value>
    public IReadOnlyList<SpendCrossing> Crossings { get; init; } = [];

    /// <summary>What it has made unusually high.</summary>
    /// <value>The default is nothing.</value>
    public IReadOnlyList<SpendAnomaly> Anomalies { get; init; } = [];
}
