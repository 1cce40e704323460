using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>A fake clock that tells how many waits have begun on it: moved before one has, it leaves that one behind.</summary>
internal sealed class CountingTimeProvider : FakeTimeProvider
{
    private int _waits;

    public int Waits => Volatile.Read(ref _waits);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _waits);
        return timer;
    }
}
