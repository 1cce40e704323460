namespace AgentHosting.Timeouts.Internal;

internal static class TimeoutDefaults
{
    public const string Name = "attempt";

    public static TimeSpan Total { get; } = TimeSpan.FromMinutes(10);

    public static TimeSpan FirstToken { get; } = TimeSpan.FromSeconds(30);

    public static TimeSpan Idle { get; } = TimeSpan.FromSeconds(30);
}
