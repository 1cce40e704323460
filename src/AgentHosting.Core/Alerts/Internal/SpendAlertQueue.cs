namespace AgentHosting.Alerts.Internal;

/// <summary>
/// Alerts that wait for one receiver. Adding one never waits. A task of the pool empties the queue while there is something in it, so that a pipeline without a host
/// has nothing to start and nothing to stop.
/// </summary>
internal sealed class SpendAlertQueue(int capacity, Func<SpendAlert, Task> deliver, Action<SpendAlert> drop)
{
    private readonly Lock _gate = new();
    private readonly Queue<SpendAlert> _waiting = new();
    private Task _emptying = Task.CompletedTask;
    private bool _isEmptying;
    private bool _isClosed;

    /// <summary>Ends when nothing waits. It does not fail where delivering did.</summary>
    public async Task EmptiedAsync()
    {
        while (true)
        {
            Task emptying;
            lock (_gate)
            {
                if (!_isEmptying)
                {
                    return;
                }

                emptying = _emptying;
            }

            await emptying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Add(SpendAlert alert)
    {
        SpendAlert? dropped = null;
        lock (_gate)
        {
            if (_isClosed)
            {
                dropped = alert;
            }
            else
            {
                _waiting.Enqueue(alert);
                if (_waiting.Count > capacity)
                {
                    dropped = _waiting.Dequeue();
                }

                if (!_isEmptying)
                {
                    _isEmptying = true;
                    _emptying = Start();
                }
            }
        }

        if (dropped is not null)
        {
            drop(dropped);
        }
    }

    /// <summary>Drops what waits and what is still added.</summary>
    public void Close()
    {
        SpendAlert[] left;
        lock (_gate)
        {
            _isClosed = true;
            left = [.. _waiting];
            _waiting.Clear();
        }

        Array.ForEach(left, drop);
    }

    private Task Start()
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(EmptyAsync);
        }

        // What flows with the call that happened to be the first (its activity, its user) is not that of the receiver.
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(EmptyAsync);
        }
    }

    private async Task EmptyAsync()
    {
        var isDone = false;
        try
        {
            while (true)
            {
                SpendAlert? alert;
                lock (_gate)
                {
                    if (!_waiting.TryDequeue(out alert))
                    {
                        _isEmptying = false;
                        isDone = true;
                        return;
                    }
                }

                await deliver(alert);
            }
        }
        finally
        {
            if (!isDone)
            {
                // A log that throws: what waits is delivered all the same.
                lock (_gate)
                {
                    _isEmptying = _waiting.Count > 0;
                    if (_isEmptying)
                    {
                        _emptying = Start();
                    }
                }
            }
        }
    }
}
