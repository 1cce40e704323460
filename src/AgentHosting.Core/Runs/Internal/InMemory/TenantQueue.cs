namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>The ready runs of a tenant, by priority and then by age.</summary>
internal sealed class TenantQueue(string tenant, long number)
{
    private static readonly Comparer<RunRecord> BestFirst = Comparer<RunRecord>.Create(static (a, b) =>
        a.Submission.Priority != b.Submission.Priority
            ? b.Submission.Priority.CompareTo(a.Submission.Priority)
            : a.Number.CompareTo(b.Number));

    // One set an agent: a long row of runs whose agent has no room must not be walked at every claim.
    private readonly Dictionary<string, SortedSet<RunRecord>> _runs = new(StringComparer.Ordinal);

    public string Tenant { get; } = tenant;

    public long Number { get; } = number;

    /// <summary>Grows with every run that was taken: the tenant with the smallest is next.</summary>
    public long VirtualTime { get; set; }

    public int Running { get; set; }

    /// <summary>Whether the tenant is among those that take turns.</summary>
    public bool InTurn { get; set; }

    public int Count { get; private set; }

    public void Add(RunRecord run)
    {
        if (!_runs.TryGetValue(run.Submission.Agent, out var runs))
        {
            runs = new SortedSet<RunRecord>(BestFirst);
            _runs.Add(run.Submission.Agent, runs);
        }

        runs.Add(run);
        Count++;
    }

    public void Remove(RunRecord run)
    {
        var runs = _runs[run.Submission.Agent];
        runs.Remove(run);
        Count--;
        if (runs.Count == 0)
        {
            _runs.Remove(run.Submission.Agent);
        }
    }

    /// <summary>The best run whose agent has room.</summary>
    public RunRecord? Find(Dictionary<string, int> room)
    {
        RunRecord? best = null;
        foreach (var (agent, runs) in _runs)
        {
            if (room.GetValueOrDefault(agent) > 0 && (best is null || BestFirst.Compare(runs.Min!, best) < 0))
            {
                best = runs.Min;
            }
        }

        return best;
    }
}
