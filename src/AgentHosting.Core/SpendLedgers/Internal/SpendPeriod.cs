namespace AgentHosting.SpendLedgers.Internal;

/// <summary>From when to when a period lasts, in UTC ticks.</summary>
internal sealed record SpendPeriod(long Start, long End);
