namespace AgentHosting.SpendLedgers.Internal;

/// <summary>A reservation that the ledger has charged by estimate, since nobody had settled it.</summary>
internal sealed record SpendEstimate(SpendHold Hold, SpendSettlement Settlement, SpendAmount Charged, SpendEntry Entry, DateTimeOffset At);
