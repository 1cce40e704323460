namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What a request is known to have used so far.</summary>
internal sealed record SpendSeen(long OutputTokens, decimal? Cost);
