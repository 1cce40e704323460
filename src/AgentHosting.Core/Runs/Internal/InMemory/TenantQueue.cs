namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>The ready runs of a tenant, by priority and then by age.</summary>
internal sealed class TenantQueue(string tenant, long number)
{
    private static readonly Comparer<RunRecord> BestFirst = Comparer<RunRecord>.Create(static (a, b) =>
        a.Submission.Priority != b.Submission.Priority
            ? b.Submission.Priority.CompareTo(a.Submission.Priority)
            : a.Number.CompareTo(b.Number));

    // One set an agent and version: a long row of runs that a worker has no room for, or cannot read, must not be walked at every claim.
    private readonly Dictionary<(string Agent, int Version, bool IsSuspect), SortedSet<RunRecord>> _runs = [];

    public string Tenant { get; } = tenant;

    public long Number { get; } = number;

    /// <summary>Grows with every run that was taken, the slower the heavier the tenant: the tenant with the smallest is next.</summary>
    public long VirtualTime { get; set; }

    public int Running { get; set; }

    /// <summary>Whether the tenant is among those that take turns.</summary>
    public bool InTurn { get; set; }

    public int Count { get; private set; }

    public void Add(RunRecord run)
    {
        run.QueuedVersion = run.Version;
        if (!_runs.TryGetValue(KeyOf(run), out var runs))
        {
            runs = new SortedSet<RunRecord>(BestFirst);
            _runs.Add(KeyOf(run), runs);
        }

        runs.Add(run);
        Count++;
    }

    public void Remove(RunRecord run)
    {
        var runs = _runs[KeyOf(run)];
        runs.Remove(run);
        Count--;
        if (runs.Count == 0)
        {
            _runs.Remove(KeyOf(run));
        }
    }

    /// <summary>The best run whose agent has room and whose version is not above the given one.</summary>
    public RunRecord? Find(Dictionary<string, int> room, int version, bool withSuspects)
    {
        RunRecord? best = null;
        foreach (var ((agent, needed, isSuspect), runs) in _runs)
        {
            if (needed <= version && (withSuspects || !isSuspect) && room.GetValueOrDefault(agent) > 0 && (best is null || BestFirst.Compare(runs.Min!, best) < 0))
            {
                best = runs.Min;
            }
        }

        return best;
    }

    private static (string Agent, int Version, bool IsSuspect) KeyOf(RunRecord run) => (run.Submission.Agent, run.QueuedVersion, run.IsSuspect);
}
