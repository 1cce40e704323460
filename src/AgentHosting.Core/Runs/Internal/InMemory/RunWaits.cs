namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>What a run waits for, and what was decided. Touched only under the store's lock.</summary>
internal sealed class RunWaits
{
    private readonly List<RunWait> _open = [];
    private readonly List<RunWait> _closedApprovals = [];
    private readonly List<string> _leftOpen = [];
    private readonly List<RunSignal> _kept = [];
    private readonly HashSet<string> _raised = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _decisions = new(StringComparer.Ordinal);

    public IReadOnlyList<RunWait> Open => _open;

    /// <summary>The approvals that were answered, or left open when the run ended.</summary>
    public IReadOnlyList<RunWait> ClosedApprovals => _closedApprovals;

    public RunWait? Find(string requestId) => _open.Find(wait => wait.RequestId == requestId);

    public bool IsOpen(string key) => _open.Exists(wait => wait.Key == key);

    public string? DecisionOf(string requestId) => _decisions.GetValueOrDefault(requestId);

    public RunWait Add(RunWait wait, DateTimeOffset now)
    {
        var opened = wait.Opened(now, wait is { Timeout: { } timeout, AnswerWhenDue: not null } ? now.After(timeout) : null);
        _open.Add(opened);
        return opened;
    }

    /// <summary>When the time of one is up first. One that was opened later than now was opened before the clock was set back: its time begins now.</summary>
    public DateTimeOffset? NextDue(DateTimeOffset now)
    {
        for (var i = 0; i < _open.Count; i++)
        {
            if (_open[i] is { DueAt: { } due } wait && due < DateTimeOffset.MaxValue && wait.CreatedAt > now)
            {
                _open[i] = wait.Opened(now, now.After(due - wait.CreatedAt));
            }
        }

        return _open.Min(static wait => wait.DueAt);
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
        NoteClosed(wait);
        _decisions[wait.RequestId] = decision;
    }

    public List<RunWait> Due(DateTimeOffset now) => _open.FindAll(wait => wait.DueAt <= now);

    /// <summary>The run goes on from another, whose events from outside it has not yet seen. Those that are in the journal count as raised if it has that.</summary>
    public void TakeOver(RunWaits other, bool keepsJournal)
    {
        _kept.AddRange(other._kept);
        _raised.UnionWith(keepsJournal ? other._raised : other._kept.Select(static signal => signal.Id).OfType<string>());
    }

    /// <summary>Nothing will go on from the run.</summary>
    public void ForgetKept() => _kept.Clear();

    /// <summary>The run has ended: what is open stays without an answer.</summary>
    public void Close()
    {
        _leftOpen.AddRange(_open.Select(static wait => wait.RequestId));
        _open.ForEach(NoteClosed);
        _open.Clear();
    }

    public bool WasLeftOpen(string requestId) => _leftOpen.Contains(requestId);

    private void NoteClosed(RunWait wait)
    {
        if (wait.Kind == RunStepKind.Approval)
        {
            _closedApprovals.Add(wait);
        }
    }
}
