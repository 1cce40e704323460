using AgentHosting.CircuitBreakers;
using AgentHosting.Pricing;
using AgentHosting.ResponseCaching;
using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets;

namespace AgentHosting.Load.Replicas;

/// <summary>What all replicas are set to.</summary>
internal static class ReplicaSettings
{
    public const string Tenant = "acme";
    public const int MaxOutputTokens = 400;

    public static TimeSpan HoldLease { get; } = TimeSpan.FromSeconds(3);

    public static TimeSpan SweepInterval { get; } = TimeSpan.FromSeconds(1);

    public static ModelPrice Price { get; } = new() { Input = 3m, Output = 15m };

    public static CircuitBreakerOptions Circuit { get; } = new()
    {
        Key = "replicas",
        MinimumCalls = 10,
        OpenDuration = TimeSpan.FromSeconds(3),
        MaxOpenDuration = TimeSpan.FromSeconds(3),
        SuccessesToClose = 1,
        ProbeLease = TimeSpan.FromSeconds(4),
    };

    public static ResponseCacheOptions Cache { get; } = new() { LockLease = TimeSpan.FromSeconds(5), StoreTimeout = TimeSpan.FromSeconds(2) };

    public static TokenBudgetOptions Budget(decimal cap) => new()
    {
        HoldLease = HoldLease,
        PriceOf = static _ => Price,
        Limits = { new TokenBudgetLimit { MaxCost = cap }, new TokenBudgetLimit { Scope = SpendScope.Tenant, MaxCost = cap * 2 } },
    };
}
