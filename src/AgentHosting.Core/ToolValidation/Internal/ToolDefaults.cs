namespace AgentHosting.ToolValidation.Internal;

internal static class ToolDefaults
{
    public const int MaxArgumentBytes = 65_536;
    public const int MaxArgumentDepth = 32;
    public const int MaxRetries = 2;
    public const int MaxResultLength = 65_536;
    public const long MaxCacheBytes = 16 * 1024 * 1024;
    public const int MaxNesting = 4;
    public const double CircuitFailureRatio = 0.5;
    public const int CircuitMinimumCalls = 10;

    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(30);

    public static TimeSpan RetryDelay { get; } = TimeSpan.FromMilliseconds(200);

    public static TimeSpan CircuitOpenDuration { get; } = TimeSpan.FromSeconds(30);

    public static TimeSpan ApprovalLifetime { get; } = TimeSpan.FromMinutes(15);
}
