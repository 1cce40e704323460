namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>What a run waits for, and what was decided. Touched only under the store's lock.</summary>
internal sealed class RunWaits
{
    private readonly List<RunWait> _open = [];
    private readonly List<string> _leftOpen = [];
    private readonly Dictionary<string, string> _decisions = new(StringComparer.Ordinal);

    public IReadOnlyList<RunWait> Open => _open;

    /// <summary>When the time of one is up first.</summary>
    public DateTimeOffset? NextDue => _open.Min(static wait => wait.DueAt);

    public RunWait? Find(string requestId) => _open.Find(wait => wait.RequestId == requestId);

    public bool IsOpen(string key) => _open.Exists(wait => wait.Key == key);

    public string? DecisionOf(string requestId) => _decisions.GetValueOrDefault(requestId);

    public void Add(RunWait wait, DateTimeOffset now) => _open.Add(wait.Opened(now, wait is { Timeout: { } timeout, AnswerWhenDue: not null } ? now.After(timeout) : null));

    public void Decide(RunWait wait, string decision)
    {
        _open.Remove(wait);
        _decisions[wait.RequestId] = decision;
    }

    public List<RunWait> Due(DateTimeOffset now) => _open.FindAll(wait => wait.DueAt <= now);

    /// <summary>The run has ended: what is open stays without an answer.</summary>
    public void Close()
    {
        _leftOpen.AddRange(_open.Select(static wait => wait.RequestId));
        _open.Clear();
    }

    public bool WasLeftOpen(string requestId) => _leftOpen.Contains(requestId);
}
