using AgentHosting.SpendLedgers;
using AgentHosting.TokenBudgets.Internal;

namespace AgentHosting.TokenBudgets;

/// <summary>When spend counts as unusually high: in one period more than a multiple of what the periods before it cost on average.</summary>
public sealed class TokenBudgetAnomaly
{
    /// <summary>Whose spend is watched. <see cref="SpendScope.Call"/> and <see cref="SpendScope.Run"/> have nothing that is usual, and are refused.</summary>
    /// <value>The default is <see cref="SpendScope.Global"/>.</value>
    public SpendScope Scope { get; set; } = SpendScope.Global;

    /// <summary>The length of a period, from a minute to 31 days.</summary>
    /// <value>The default is an hour.</value>
    public TimeSpan Period { get; set; } = TokenBudgetDefaults.AnomalyPeriod;

    /// <summary>With how many periods before it the current one is compared, from 1 to 366. Nothing is told before a quarter of them have passed since the first spend.</summary>
    /// <value>The default is 24.</value>
    public int BaselinePeriods { get; set; } = TokenBudgetDefaults.AnomalyBaselinePeriods;

    /// <summary>How many times the average makes an anomaly, above 1 and up to 1,000.</summary>
    /// <value>The default is 4: an hour of the day is often twice or three times the average of the day and night before it.</value>
    public double Factor { get; set; } = TokenBudgetDefaults.AnomalyFactor;

    /// <summary>What must be spent in the period at least, in the host's currency: many times a trifle is a trifle.</summary>
    /// <value>The default is 1.</value>
    public decimal MinCost { get; set; } = TokenBudgetDefaults.AnomalyMinCost;
}
