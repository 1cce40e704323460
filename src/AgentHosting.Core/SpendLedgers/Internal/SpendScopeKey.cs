namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Whose spend is counted, in one scope.</summary>
internal readonly record struct SpendScopeKey(SpendScope Scope, string? Tenant, string Id, bool IsOfUserAlone);
