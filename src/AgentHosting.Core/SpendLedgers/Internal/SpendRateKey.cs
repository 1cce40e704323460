namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Whose spend is watched by which rule.</summary>
internal readonly record struct SpendRateKey(SpendAnomalyRule Rule, string? Tenant, string Id, bool IsOfUserAlone);
