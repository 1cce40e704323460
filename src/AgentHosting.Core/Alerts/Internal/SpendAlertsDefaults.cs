namespace AgentHosting.Alerts.Internal;

internal static class SpendAlertsDefaults
{
    public const int QueueCapacity = 1000;

    public static TimeSpan HandlerTimeout { get; } = TimeSpan.FromMinutes(2);

    public static TimeSpan ShutdownTimeout { get; } = TimeSpan.FromSeconds(5);
}
