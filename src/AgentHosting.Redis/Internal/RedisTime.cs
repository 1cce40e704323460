namespace AgentHosting.Redis.Internal;

/// <summary>
/// Points in time and spans as scripts count them: whole microseconds, which a Lua number holds exactly until the year 2255. What is later is without end.
/// </summary>
internal static class RedisTime
{
    /// <summary>The end of time: 2^52, in the year 2112.</summary>
    public const long Never = 1L << 52;

    public static long Of(DateTimeOffset time) => time == DateTimeOffset.MaxValue ? Never : Math.Min(Never, (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    public static long Of(TimeSpan span) => Math.Min(Never, span.Ticks / TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset ToTime(long microseconds) =>
        microseconds >= Never ? DateTimeOffset.MaxValue : DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    public static TimeSpan ToSpan(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
