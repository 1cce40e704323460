using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>Moves a clock on while something waits by it, and no further: leases and limits must not pass meanwhile.</summary>
internal sealed class RunningClock : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;

    public RunningClock(FakeTimeProvider time, Func<bool> isWaitedFor) => _task = Task.Run(async () =>
    {
        var moved = TimeSpan.Zero;
        while (!_stop.IsCancellationRequested)
        {
            if (isWaitedFor())
            {
                time.Advance(Step);
                moved += Step;
            }
            else
            {
                moved = TimeSpan.Zero;
            }

            // Nobody says when a timer was set, so it is tried again and again; slowly where it takes long, since a thread may be late.
            await Task.Delay(moved < Quick ? Pause : LongPause, TimeProvider.System, CancellationToken.None);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }
}
