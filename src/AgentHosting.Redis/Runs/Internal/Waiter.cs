namespace AgentHosting.Redis.Runs.Internal;

/// <summary>One who waits to be woken. Disposed when it no longer waits; one that was woken and does not look passes it on.</summary>
internal sealed class Waiter(WaiterRow row) : IDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Wake() => _woken.TrySetResult();

    public async ValueTask WaitAsync(TimeSpan maxWait, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (maxWait <= TimeSpan.Zero)
        {
            return;
        }

        // Timers count whole milliseconds: a part of one would be no wait at all, again and again until the time has come.
        var timer = maxWait < LongestTimer ? TimeSpan.FromMilliseconds(Math.Ceiling(maxWait.TotalMilliseconds)) : LongestTimer;
        try
        {
            await _woken.Task.WaitAsync(timer, timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The longest wait is over: the caller looks for itself.
        }
        catch (OperationCanceledException)
        {
            PassOn();
            throw;
        }
    }

    /// <summary>Leaves without a look: one that was woken wakes the next in its stead.</summary>
    public void PassOn()
    {
        if (!row.Leave(this))
        {
            row.Wake(1);
        }
    }

    public void Dispose() => row.Leave(this);
}
