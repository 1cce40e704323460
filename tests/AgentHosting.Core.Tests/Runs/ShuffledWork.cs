namespace AgentHosting.Core.Tests.Runs;

/// <summary>Work that ends in an order which a seed decides, and not in that in which it was begun. Some of it ends at once.</summary>
internal sealed class ShuffledWork : IAsyncDisposable
{
    private readonly Random _random;
    private readonly List<TaskCompletionSource> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _ending;

    public ShuffledWork(int seed)
    {
        _random = new Random(seed);
        _ending = EndAsync();
    }

    public Task DoAsync(CancellationToken cancellationToken)
    {
        var work = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_open)
        {
            if (_random.Next(4) == 0)
            {
                return Task.CompletedTask;
            }

            _open.Add(work);
        }

        return work.Task.WaitAsync(cancellationToken);
    }

    public int Next(int limit)
    {
        lock (_open)
        {
            return _random.Next(limit);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ending;
        _stop.Dispose();
    }

    private async Task EndAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Yield();
            lock (_open)
            {
                if (_open.Count > 0 && _random.Next(3) > 0)
                {
                    var next = _random.Next(_open.Count);
                    _open[next].SetResult();
                    _open.RemoveAt(next);
                }
            }
        }
    }
}
