namespace AgentHosting.Retries.Internal;

internal static class RetryDefaults
{
    public const int MaxRetries = 2;
    public const double BudgetRatio = 0.2;
    public const int BudgetBurst = 20;
    public const double BudgetPerSecond = 0.5;

    public static TimeSpan BaseDelay { get; } = TimeSpan.FromMilliseconds(500);

    public static TimeSpan MaxDelay { get; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// Waited on top of what a provider asks for. Timers run on the coarse clock of the operating system and end up to one of its ticks (16 ms) early: the
    /// breaker below, which pauses for as long, would refuse the retry that was meant to come after the pause.
    /// </summary>
    public static TimeSpan TimerMargin { get; } = TimeSpan.FromMilliseconds(25);

    public static TimeSpan MaxRetryAfter { get; } = TimeSpan.FromSeconds(60);
}
