namespace AgentHosting.Stages.Internal;

/// <summary>Runs a call that has a time limit, also one that does not listen to its token.</summary>
internal static class BoundedCall
{
    /// <summary>How long a cancelled call may take to clean up before it is left behind.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromSeconds(2);

    /// <exception cref="TimeoutException">The limit was reached.</exception>
    public static async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> call, TimeSpan timeout, TimeProvider timeProvider, Action onAbandoned, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource();
        await using var limit = timer.CancelAfter(timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var task = call(linked.Token);
        try
        {
            try
            {
                return await task.WaitAsync(linked.Token);
            }
            catch (OperationCanceledException) when (linked.IsCancellationRequested && !task.IsCompleted)
            {
                await LeaveAsync(task, timeProvider, onAbandoned);
                if (task.IsCompletedSuccessfully)
                {
                    // It was done after all: what it did is to be kept, not done again.
                    return await task;
                }

                throw;
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The call took longer than {timeout}.");
        }
    }

    /// <summary>Gives a cancelled call a moment to clean up, then leaves it behind.</summary>
    public static async Task LeaveAsync(Task task, TimeProvider timeProvider, Action onAbandoned)
    {
        using var stop = new CancellationTokenSource();
        var first = await Task.WhenAny(task, Task.Delay(Grace, timeProvider, stop.Token));
        await stop.CancelAsync();
        if (first != task)
        {
            onAbandoned();
        }

        // What a call throws after its time is up concerns nobody any more; reading it keeps it from being reported as unobserved.
        _ = task.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
