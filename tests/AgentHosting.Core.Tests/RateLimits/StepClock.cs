namespace AgentHosting.Core.Tests.RateLimits;

/// <summary>A clock on the wall and one that counts, each set by hand.</summary>
internal sealed class StepClock : TimeProvider
{
    public DateTimeOffset Wall { get; set; } = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    public TimeSpan Counted { get; set; } = TimeSpan.FromHours(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Wall;

    public override long GetTimestamp() => Counted.Ticks;
}
