namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Is told what the ledger found to be reached. It neither waits nor throws.</summary>
internal interface ISpendCrossingListener
{
    void Tell(IReadOnlyList<SpendCrossing> crossings);
}
