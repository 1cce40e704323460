namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Wakes those who wait for something. Waiters run elsewhere, never inside the caller.</summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private readonly LinkedList<TaskCompletionSource> _waiters = [];

    public int Waiters
    {
        get
        {
            lock (_lock)
            {
                return _waiters.Count;
            }
        }
    }

    /// <summary>Wakes up to <paramref name="count"/> waiters, the longest waiting first.</summary>
    public void Wake(int count = int.MaxValue)
    {
        lock (_lock)
        {
            for (; count > 0 && _waiters.First is { } first; count--)
            {
                _waiters.RemoveFirst();
                first.Value.TrySetResult();
            }
        }
    }

    /// <summary>Waits to be woken, unless <paramref name="isThere"/> says, once the waiter is registered, that there is no need to.</summary>
    public async ValueTask WaitAsync(Func<bool> isThere, TimeSpan maxWait, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource> node;
        lock (_lock)
        {
            node = _waiters.AddLast(waiter);
        }

        try
        {
            if (!isThere() && maxWait > TimeSpan.Zero)
            {
                await waiter.Task.WaitAsync(TimerFor(maxWait), timeProvider, cancellationToken);
            }
        }
        catch (TimeoutException)
        {
            // The longest wait is over: the caller looks for itself.
        }
        catch (OperationCanceledException)
        {
            if (!Leave(node))
            {
                // This waiter was woken and will not look: another one has to.
                Wake(1);
            }

            throw;
        }
        finally
        {
            Leave(node);
        }
    }

    /// <summary>Timers count whole milliseconds: a part of one would be no wait at all, again and again until the time has come.</summary>
    private static TimeSpan TimerFor(TimeSpan wait) =>
        wait < LongestTimer ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : LongestTimer;

    /// <returns>False when the waiter was woken.</returns>
    private bool Leave(LinkedListNode<TaskCompletionSource> node)
    {
        lock (_lock)
        {
            if (node.List is null)
            {
                return false;
            }

            _waiters.Remove(node);
            return true;
        }
    }
}
