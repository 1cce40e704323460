namespace AgentHosting.ToolValidation.Internal;

/// <summary>How many calls of one tool run at once, and in a minute.</summary>
internal sealed class ToolGate(TimeProvider timeProvider)
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Queue<long> _calls = new();
    private SemaphoreSlim? _running;

    public async ValueTask<SemaphoreSlim?> EnterAsync(int? maxConcurrency, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (maxConcurrency is not { } most)
        {
            return null;
        }

        SemaphoreSlim running;
        lock (_lock)
        {
            running = _running ??= new SemaphoreSlim(most, most);
        }

        if (running.Wait(0, CancellationToken.None))
        {
            return running;
        }

        using var limit = new CancellationTokenSource(wait, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await running.WaitAsync(linked.Token);
            return running;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("No other call of the tool ended in time.");
        }
    }

    /// <summary>Counts a call.</summary>
    /// <returns>How long to wait before there is room for it, or <see langword="null"/> when there is.</returns>
    public TimeSpan? Take(int? callsPerMinute)
    {
        if (callsPerMinute is not { } most)
        {
            return null;
        }

        var now = timeProvider.GetTimestamp();
        lock (_lock)
        {
            while (_calls.TryPeek(out var first) && timeProvider.GetElapsedTime(first, now) >= _minute)
            {
                _calls.Dequeue();
            }

            if (_calls.Count >= most)
            {
                return _minute - timeProvider.GetElapsedTime(_calls.Peek(), now);
            }

            _calls.Enqueue(now);
            return null;
        }
    }
}
