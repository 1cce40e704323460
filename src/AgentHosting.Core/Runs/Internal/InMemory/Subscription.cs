namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Runs an action once when disposed.</summary>
internal sealed class Subscription(Action end) : IDisposable
{
    private Action? _end = end;

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
