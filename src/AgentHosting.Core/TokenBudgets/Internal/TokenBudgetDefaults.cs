namespace AgentHosting.TokenBudgets.Internal;

internal static class TokenBudgetDefaults
{
    public const int MaxOutputTokens = 4096;
    public const int MinOutputTokens = 64;

    public static TimeSpan HoldLease { get; } = TimeSpan.FromMinutes(10);
}
