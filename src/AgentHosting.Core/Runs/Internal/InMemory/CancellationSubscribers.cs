using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Those who want to know at once which running runs are to be cancelled.</summary>
internal sealed partial class CancellationSubscribers(ILogger logger)
{
    private readonly Lock _lock = new();
    private CancellationSubscription[] _subscriptions = [];

    public int Count => Volatile.Read(ref _subscriptions).Length;

    public CancellationSubscription Add(Action<string> onRequested)
    {
        ArgumentNullException.ThrowIfNull(onRequested);
        var subscription = new CancellationSubscription(this, onRequested);
        lock (_lock)
        {
            _subscriptions = [.. _subscriptions, subscription];
        }

        return subscription;
    }

    public void Remove(CancellationSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions = [.. _subscriptions.Where(other => other != subscription)];
        }
    }

    public void Tell(string runId)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions))
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Owner.Call(state.subscription, state.runId), (Owner: this, subscription, runId), preferLocal: false);
        }
    }

    private void Call(CancellationSubscription subscription, string runId)
    {
        try
        {
            subscription.OnRequested(runId);
        }
        catch (Exception exception)
        {
            // On this thread it would end the process. The hint is not lost: the next renewal says the same.
            LogSubscriberFailed(logger, exception, runId);
        }
    }

    [LoggerMessage(
        EventIds.RunCancellationCallbackFailed,
        LogLevel.Error,
        "A subscriber failed when it was told to cancel run {RunId}. Its worker learns of it at the next renewal.",
        EventName = "CancellationCallbackFailed")]
    private static partial void LogSubscriberFailed(ILogger logger, Exception exception, string runId);
}
