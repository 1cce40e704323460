using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;

namespace AgentHosting.TokenBudgets.Internal;

/// <summary>The limits of a stage in the units of the ledger.</summary>
internal static class TokenBudgetLimits
{
    /// <summary>What counters hold: 2^53 billionths.</summary>
    public const decimal MaxCost = SpendLimit.MaxNanos / 1_000_000_000m;

    public static SpendLimit[] Of(TokenBudgetOptions options) => [.. options.Limits.Select(limit => new SpendLimit
    {
        Scope = limit.Scope,
        Window = limit.Scope == SpendScope.Call ? SpendWindow.Total : WindowOf(limit),
        MaxCostNanos = limit.MaxCost is { } cost ? SpendMoney.CapToNanos(cost) : null,
        MaxTokens = limit.MaxTokens,
        MaxCalls = limit.MaxCalls,
        AlertRatios = limit.Scope == SpendScope.Call ? [] : [.. options.AlertRatios],
    })];

    public static SpendAnomalyRule[] AnomalyRulesOf(TokenBudgetOptions options) => [.. options.Anomalies.Select(static anomaly => new SpendAnomalyRule
    {
        Scope = anomaly.Scope,
        Period = anomaly.Period,
        BaselinePeriods = anomaly.BaselinePeriods,
        Factor = anomaly.Factor,
        MinCostNanos = SpendMoney.ToNanos(anomaly.MinCost),
    })];

    private static SpendWindow WindowOf(TokenBudgetLimit limit) => limit.Window switch
    {
        TokenBudgetWindow.Rolling => SpendWindow.Rolling(limit.Length!.Value),
        TokenBudgetWindow.Day => SpendWindow.Day(limit.TimeZone),
        TokenBudgetWindow.Week => SpendWindow.Week(limit.TimeZone),
        TokenBudgetWindow.Month => SpendWindow.Month(limit.TimeZone),
        _ => SpendWindow.Total,
    };
}
