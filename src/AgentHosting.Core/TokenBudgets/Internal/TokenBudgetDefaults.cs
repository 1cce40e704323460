namespace AgentHosting.TokenBudgets.Internal;

internal static class TokenBudgetDefaults
{
    public const int MaxOutputTokens = 4096;
    public const int MinOutputTokens = 64;
    public const int AnomalyBaselinePeriods = 24;
    public const double AnomalyFactor = 4;
    public const decimal AnomalyMinCost = 1;
    public const int HostedFileTokens = 10_000;
    public const int KeptHistoryTokens = 32_000;

    public const string WrapUpMessage =
        "The budget of this task is nearly used up. Finish now: call no more tools, and give the best answer that you can with what you have. Say what is missing.";

    public static TimeSpan AnomalyPeriod { get; } = TimeSpan.FromHours(1);

    public static TimeSpan HoldLease { get; } = TimeSpan.FromMinutes(10);
}
