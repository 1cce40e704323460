namespace AgentHosting.CircuitBreakers.Internal;

internal static class CircuitBreakerDefaults
{
    public const double FailureRatio = 0.5;
    public const int MinimumCalls = 10;
    public const int SuccessesToClose = 2;

    public static TimeSpan Window { get; } = TimeSpan.FromSeconds(60);

    public static TimeSpan OpenDuration { get; } = TimeSpan.FromSeconds(30);

    public static TimeSpan MaxOpenDuration { get; } = TimeSpan.FromMinutes(5);

    public static TimeSpan ProbeLease { get; } = TimeSpan.FromMinutes(2);

    public static TimeSpan MaxRateLimitPause { get; } = TimeSpan.FromMinutes(5);
}
