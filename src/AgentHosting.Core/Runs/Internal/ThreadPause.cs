namespace AgentHosting.Runs.Internal;

/// <summary>Pauses a thread for a time by a given clock, and needs no other thread for it where the clock is that of the system.</summary>
internal sealed class ThreadPause(TimeProvider timeProvider) : IDisposable
{
    private readonly AutoResetEvent _wake = new(initialState: false);
    private volatile bool _isStopped;

    /// <summary>Waits.</summary>
    /// <param name="time">How long.</param>
    /// <returns>Whether the thread is to go on.</returns>
    public bool Wait(TimeSpan time)
    {
        var started = timeProvider.GetTimestamp();
        // A clock of tests moves by itself: its timer says so. That of the system needs a thread of the pool for its timers, which may be late; the limit of the wait does not.
        using var timer = timeProvider == TimeProvider.System ? null : timeProvider.CreateTimer(static wake => ((AutoResetEvent)wake!).Set(), _wake, time, Timeout.InfiniteTimeSpan);
        while (!_isStopped)
        {
            var left = time - timeProvider.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return true;
            }

            // Rounded up: a part of a millisecond would make it look again and again.
            _wake.WaitOne((int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
        }

        return false;
    }

    /// <summary>Ends the wait, and all later ones.</summary>
    public void Stop()
    {
        _isStopped = true;
        _wake.Set();
    }

    public void Dispose() => _wake.Dispose();
}
