namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What one step of the ledger has found that is to be told.</summary>
internal struct SpendFindings
{
    public List<SpendCrossing>? Crossings;
    public List<SpendAnomaly>? Anomalies;

    public readonly bool IsEmpty => Crossings is null && Anomalies is null;
}
