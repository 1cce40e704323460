namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>One subscription. The object, not the callback, tells it from others: a callback may be subscribed twice.</summary>
internal sealed class CancellationSubscription(CancellationSubscribers owner, Action<string> onRequested) : IDisposable
{
    public Action<string> OnRequested { get; } = onRequested;

    public void Dispose() => owner.Remove(this);
}
