namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>What a run waits for, and what was decided. Touched only under the store's lock.</summary>
internal sealed class RunWaits
{
    private readonly List<RunWait> _open = [];
    private readonly List<string> _leftOpen = [];
    private readonly List<RunSignal> _kept = [];
    private readonly HashSet<string> _raised = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _decisions = new(StringComparer.Ordinal);

    public IReadOnlyList<RunWait> Open => _open;

    /// <summary>When the time of one is up first.</summary>
    public DateTimeOffset? NextDue => _open.Min(static wait => wait.DueAt);

    public RunWait? Find(string requestId) => _open.Find(wait => wait.RequestId == requestId);

    public bool IsOpen(string key) => _open.Exists(wait => wait.Key == key);

    public string? DecisionOf(string requestId) => _decisions.GetValueOrDefault(requestId);

    public RunWait Add(RunWait wait, DateTimeOffset now)
    {
        var opened = wait.Opened(now, wait is { Timeout: { } timeout, AnswerWhenDue: not null } ? now.After(timeout) : null);
        _open.Add(opened);
        return opened;
    }

    public RunWait? FirstFor(RunSignal signal) => _open.Find(wait => wait.Kind == RunStepKind.Event && wait.Name == signal.Name);

    /// <returns>False when there is no room.</returns>
    public bool Keep(RunSignal signal, int limit, long byteLimit)
    {
        if (_kept.Count >= limit || _kept.Sum(static kept => (long)kept.Payload.Length) + signal.Payload.Length > byteLimit)
        {
            return false;
        }

        _kept.Add(signal);
        return true;
    }

    /// <summary>Takes the oldest kept event of a name.</summary>
    public RunSignal? TakeKept(string name)
    {
        var signal = _kept.Find(signal => signal.Name == name);
        if (signal is not null)
        {
            _kept.Remove(signal);
        }

        return signal;
    }

    public bool WasRaised(RunSignal signal) => signal.Id is { } id && _raised.Contains(id);

    public void NoteRaised(RunSignal signal)
    {
        if (signal.Id is { } id)
        {
            _raised.Add(id);
        }
    }

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

    /// <summary>Drops the events that nobody asked for.</summary>
    public void DropKept() => _kept.Clear();

    /// <summary>Takes over the events that a run was told of and did not ask for before it failed.</summary>
    public void TakeOver(RunWaits failed)
    {
        _kept.AddRange(failed._kept);
        _raised.UnionWith(failed._raised);
        failed._kept.Clear();
    }

    public bool WasLeftOpen(string requestId) => _leftOpen.Contains(requestId);
}
