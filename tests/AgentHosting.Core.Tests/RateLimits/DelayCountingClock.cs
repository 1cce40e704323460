using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.RateLimits;

/// <summary>A clock that a test moves on only once somebody waits on it: whoever begins to wait after the move would wait for the next one.</summary>
internal sealed class DelayCountingClock() : FakeTimeProvider(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _dueTimes = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            _dueTimes.Add(dueTime);
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return timer;
    }

    /// <summary>Returns once this many timers of this length have been started.</summary>
    public async Task WaitForTimersAsync(TimeSpan dueTime, int count)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_dueTimes.Count(time => time == dueTime) >= count)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }
}
