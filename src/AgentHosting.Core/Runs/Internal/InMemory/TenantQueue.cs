namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>The ready runs of a tenant, by priority and then by age.</summary>
internal sealed class TenantQueue(string tenant, long number)
{
    private readonly SortedSet<RunRecord> _runs = new(Comparer<RunRecord>.Create(static (a, b) =>
        a.Submission.Priority != b.Submission.Priority
            ? b.Submission.Priority.CompareTo(a.Submission.Priority)
            : a.Number.CompareTo(b.Number)));

    public string Tenant { get; } = tenant;

    public long Number { get; } = number;

    /// <summary>Grows with every run that was taken: the tenant with the smallest is next.</summary>
    public long VirtualTime { get; set; }

    public int Running { get; set; }

    /// <summary>Whether the tenant is among those that take turns.</summary>
    public bool InTurn { get; set; }

    public int Count => _runs.Count;

    public void Add(RunRecord run) => _runs.Add(run);

    public void Remove(RunRecord run) => _runs.Remove(run);

    /// <summary>The best run whose agent has room.</summary>
    public RunRecord? Find(Dictionary<string, int> room)
    {
        foreach (var run in _runs)
        {
            if (room.GetValueOrDefault(run.Submission.Agent) > 0)
            {
                return run;
            }
        }

        return null;
    }
}
