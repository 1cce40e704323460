namespace AgentHosting.Redis.Runs.Internal;

/// <summary>Those who wait for one thing, the longest waiting first.</summary>
internal sealed class WaiterRow
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = [];

    public event Action? Emptied;

    /// <summary>What has to be done before those who joined are woken.</summary>
    public Task Subscribed { get; init; } = Task.CompletedTask;

    public Waiter Join()
    {
        var waiter = new Waiter(this);
        lock (_lock)
        {
            _waiters.AddLast(waiter);
        }

        return waiter;
    }

    public void Wake(long count)
    {
        lock (_lock)
        {
            for (; count > 0 && _waiters.First is { } first; count--)
            {
                _waiters.RemoveFirst();
                first.Value.Wake();
            }
        }
    }

    /// <returns>False when the waiter was woken.</returns>
    public bool Leave(Waiter waiter)
    {
        bool wasThere, isEmpty;
        lock (_lock)
        {
            wasThere = _waiters.Remove(waiter);
            isEmpty = _waiters.Count == 0;
        }

        if (isEmpty)
        {
            Emptied?.Invoke();
        }

        return wasThere;
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _waiters.Count == 0;
            }
        }
    }
}
