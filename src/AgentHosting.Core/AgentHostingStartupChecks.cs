namespace AgentHosting;

/// <summary>
/// Checks that run when the host starts. A check that throws stops the start-up, so a host that is set up wrongly never serves a request.
/// Endpoint and store packages add theirs to the singleton before the host starts.
/// </summary>
public sealed class AgentHostingStartupChecks
{
    private readonly Lock _lock = new();
    private readonly List<Func<CancellationToken, ValueTask>> _beforeStart = [];
    private readonly List<Func<CancellationToken, ValueTask>> _afterStart = [];

    /// <summary>Adds a check that runs before any service of the host starts.</summary>
    /// <param name="check">Throws when the host must not start.</param>
    public void AddBeforeStart(Func<CancellationToken, ValueTask> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        lock (_lock)
        {
            _beforeStart.Add(check);
        }
    }

    /// <summary>Adds a check that runs once all services have started, when for example the bound addresses are known.</summary>
    /// <param name="check">Throws when the host must stop again.</param>
    public void AddAfterStart(Func<CancellationToken, ValueTask> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        lock (_lock)
        {
            _afterStart.Add(check);
        }
    }

    internal ValueTask RunBeforeStartAsync(CancellationToken cancellationToken) => RunAsync(_beforeStart, cancellationToken);

    internal ValueTask RunAfterStartAsync(CancellationToken cancellationToken) => RunAsync(_afterStart, cancellationToken);

    private async ValueTask RunAsync(List<Func<CancellationToken, ValueTask>> checks, CancellationToken cancellationToken)
    {
        Func<CancellationToken, ValueTask>[] snapshot;
        lock (_lock)
        {
            snapshot = [.. checks];
        }

        foreach (var check in snapshot)
        {
            await check(cancellationToken);
        }
    }
}
