namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Under what spend is counted. Caps are no part of it.</summary>
internal readonly record struct SpendCounterKey(SpendScopeKey Scope, SpendWindow Window);
