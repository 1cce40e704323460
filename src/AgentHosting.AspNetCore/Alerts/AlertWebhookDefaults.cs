namespace AgentHosting.AspNetCore.Alerts;

internal static class AlertWebhookDefaults
{
    public const int MaxRetries = 5;

    public static TimeSpan AttemptTimeout { get; } = TimeSpan.FromSeconds(10);

    public static TimeSpan BaseDelay { get; } = TimeSpan.FromSeconds(1);

    public static TimeSpan MaxDelay { get; } = TimeSpan.FromSeconds(30);
}
