namespace AgentHosting.Testing.Internal;

/// <summary>Requests in order of arrival, with counts that a test can wait for.</summary>
/// <param name="capacity">How many requests are kept; the oldest go first.</param>
internal sealed class RequestLog<T>(int capacity = int.MaxValue)
{
    private readonly Lock _gate = new();
    private readonly Queue<T> _items = [];
    private readonly List<Waiter> _waiters = [];
    private int _count;
    private int _inFlight;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    public int InFlight
    {
        get
        {
            lock (_gate)
            {
                return _inFlight;
            }
        }
    }

    public IReadOnlyList<T> Snapshot()
    {
        lock (_gate)
        {
            return [.. _items];
        }
    }

    public T Begin(Func<int, T> create)
    {
        lock (_gate)
        {
            var item = create(_count++);
            _items.Enqueue(item);
            while (_items.Count > capacity)
            {
                _items.Dequeue();
            }

            _inFlight++;
            ReleaseWaiters();
            return item;
        }
    }

    public void End(Action settle)
    {
        lock (_gate)
        {
            settle();
            _inFlight--;
            ReleaseWaiters();
        }
    }

    /// <summary>Changes a count that a waiter's condition reads.</summary>
    public void Update(Action change)
    {
        lock (_gate)
        {
            change();
            ReleaseWaiters();
        }
    }

    public async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(condition, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (condition())
            {
                return;
            }

            _waiters.Add(waiter);
        }

        try
        {
            await waiter.Done.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private void ReleaseWaiters()
    {
        foreach (var waiter in _waiters.Where(static waiter => waiter.Condition()))
        {
            waiter.Done.TrySetResult();
        }
    }

    private sealed record Waiter(Func<bool> Condition, TaskCompletionSource Done);
}
