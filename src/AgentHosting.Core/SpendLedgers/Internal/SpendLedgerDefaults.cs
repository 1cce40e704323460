namespace AgentHosting.SpendLedgers.Internal;

internal static class SpendLedgerDefaults
{
    public const int MaxRows = 10_000;

    public static TimeSpan Retention { get; } = TimeSpan.FromDays(400);

    /// <summary>Longer than books are kept; a time without end would lead back before the calendar begins.</summary>
    public static TimeSpan LongestRetention { get; } = TimeSpan.FromDays(3650);

    public static TimeSpan IdleRetention { get; } = TimeSpan.FromDays(30);

    public static TimeSpan SweepInterval { get; } = TimeSpan.FromSeconds(30);
}
