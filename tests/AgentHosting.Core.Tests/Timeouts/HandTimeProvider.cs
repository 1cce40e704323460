namespace AgentHosting.Core.Tests.Timeouts;

/// <summary>A clock whose timer fires when a test says so, early and late, and at the moments between two steps of the code that a real one hits by chance.</summary>
internal sealed class HandTimeProvider : TimeProvider
{
    private Action? _fire;
    private long _now;

    /// <summary>Runs inside the next look at the clock.</summary>
    public Action? AtNextLook { get; set; }

    /// <summary>For how long the timer was last set.</summary>
    public TimeSpan LastDueTime { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        var (hook, now) = (AtNextLook, _now);
        AtNextLook = null;
        hook?.Invoke();
        return now;
    }

    public void Advance(TimeSpan time) => _now += time.Ticks;

    public void Fire() => _fire!();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _fire = () => callback(state);
        return new HandTimer(this);
    }

    private sealed class HandTimer(HandTimeProvider clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.LastDueTime = dueTime;
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
