namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Is told what the ledger found. It neither waits nor throws.</summary>
internal interface ISpendFindingListener
{
    void Tell(IReadOnlyList<SpendCrossing> crossings, IReadOnlyList<SpendAnomaly> anomalies);
}
