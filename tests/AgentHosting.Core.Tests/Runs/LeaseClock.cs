using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>Moves a clock on only once the threads that keep leases wait by it, however late they come to that.</summary>
internal sealed class LeaseClock(FakeTimeProvider time) : TimeProvider
{
    private const string Threads = "AgentHosting lease ";
    private int _waiting;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Thread.CurrentThread.Name?.StartsWith(Threads, StringComparison.Ordinal) == true ? new Alarm(this, callback, state, dueTime, period) : time.CreateTimer(callback, state, dueTime, period);

    /// <param name="seconds">How far.</param>
    /// <param name="waiting">How many threads are to wait by it, before each second and after the last.</param>
    public async Task AdvanceAsync(int seconds, Func<int> waiting)
    {
        await SettleAsync(waiting);
        for (var second = 0; second < seconds; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await SettleAsync(waiting);
        }
    }

    private async Task SettleAsync(Func<int> waiting)
    {
        var limit = System.GetUtcNow() + TimeSpan.FromSeconds(30);
        while (Volatile.Read(ref _waiting) != waiting())
        {
            Assert.True(System.GetUtcNow() < limit, $"{_waiting} threads wait, and not {waiting()}.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), System, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Alarm : ITimer
    {
        private readonly LeaseClock _clock;
        private readonly ITimer _timer;
        private int _isOver;

        public Alarm(LeaseClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _clock = clock;
            Interlocked.Increment(ref clock._waiting);
            _timer = clock.CreateInner(
                state =>
                {
                    End();
                    callback(state);
                },
                state,
                dueTime,
                period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose()
        {
            End();
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref _clock._waiting);
            }
        }
    }

    private ITimer CreateInner(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
