using System.Threading.Channels;

namespace AgentHosting.Core.Tests.Timeouts;

/// <summary>Holds back what goes on after an <c>await</c> until a test lets it, so that something else can happen in between.</summary>
internal sealed class ManualSynchronizationContext : SynchronizationContext
{
    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>();

    public override void Post(SendOrPostCallback d, object? state) => _work.Writer.TryWrite(() => d(state));

    /// <summary>Starts a call whose continuations come here.</summary>
    public Task<T> Start<T>(Func<Task<T>> call) => In(call);

    public async Task WaitForWorkAsync() =>
        await _work.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20)).ConfigureAwait(false);

    /// <summary>Lets all go on until the task has ended.</summary>
    public async Task RunUntilAsync(Task task)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _ = task.ContinueWith(_ => stop.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            while (!task.IsCompleted)
            {
                var work = await _work.Reader.ReadAsync(stop.Token).ConfigureAwait(false);
                In(() =>
                {
                    work();
                    return 0;
                });
            }
        }
        catch (OperationCanceledException) when (task.IsCompleted)
        {
        }
    }

    private T In<T>(Func<T> work)
    {
        var previous = Current;
        SetSynchronizationContext(this);
        try
        {
            return work();
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }
}
