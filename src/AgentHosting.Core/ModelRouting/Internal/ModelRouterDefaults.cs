namespace AgentHosting.ModelRouting.Internal;

internal static class ModelRouterDefaults
{
    public const int MaxSessions = 10_000;
    public const int ExpectedOutputTokens = 500;
    public const double JudgeMargin = 0.02;

    public static TimeSpan JudgeTimeout { get; } = TimeSpan.FromSeconds(2);

    public static TimeSpan LatencyHalfLife { get; } = TimeSpan.FromSeconds(30);
}
