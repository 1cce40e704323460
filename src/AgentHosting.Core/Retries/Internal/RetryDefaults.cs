namespace AgentHosting.Retries.Internal;

internal static class RetryDefaults
{
    public const int MaxRetries = 2;
    public const double BudgetRatio = 0.2;
    public const int BudgetBurst = 20;
    public const double BudgetPerSecond = 0.5;

    public static TimeSpan BaseDelay { get; } = TimeSpan.FromMilliseconds(500);

    public static TimeSpan MaxDelay { get; } = TimeSpan.FromSeconds(8);

    public static TimeSpan MaxRetryAfter { get; } = TimeSpan.FromSeconds(60);
}
