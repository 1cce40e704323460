namespace AgentHosting.SpendLedgers;

/// <summary>
/// When money is spent unusually fast: in one period, more than a multiple of what the periods before it cost on average. Two equal rules are one.
/// </summary>
public sealed record SpendAnomalyRule
{
    /// <summary>The most periods that are compared with.</summary>
    public const int MaxBaselinePeriods = 366;

    /// <summary>Whose spend is watched.</summary>
    public required SpendScope Scope { get; init; }

    /// <summary>The length of a period. Periods are counted from 1970 (UTC), so that an hour begins with the hour.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>With how many periods before the current one it is compared. As long as a quarter of them have not passed since the first spend, nothing is told.</summary>
    public required int BaselinePeriods { get; init; }

    /// <summary>How many times the average makes an anomaly.</summary>
    public required double Factor { get; init; }

    /// <summary>What must be spent in the period at least, in billionths of the currency.</summary>
    public required long MinCostNanos { get; init; }
}
