namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Equal slices of a moving stretch of time.</summary>
/// <remarks>With 60 slices a limit holds over any stretch of the length, and what was spent is forgotten at most a sixtieth of the length late.</remarks>
internal sealed class RollingPeriods(TimeSpan length) : ISpendPeriods
{
    private const int Count = 60;
    // Rounded up, or the slices would be shorter than the length together.
    private readonly long _sliceTicks = Math.Max(1, (length.Ticks + Count - 1) / Count);

    // One more than the length has, since the oldest one and the current one are both in part within it.
    public int Slices => Count + 1;

    public long SliceAt(DateTimeOffset now) => now.UtcTicks / _sliceTicks;

    public long NextAt(long slice) => (slice + 1) * _sliceTicks;

    public DateTimeOffset? EndOf(long slice) => new DateTimeOffset((slice + Slices) * _sliceTicks, TimeSpan.Zero);
}
