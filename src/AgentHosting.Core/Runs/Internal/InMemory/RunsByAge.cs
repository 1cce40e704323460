namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>All runs in the order of their acceptance.</summary>
internal sealed class RunsByAge
{
    private readonly SortedSet<(long Number, RunRecord? Run)> _runs =
        new(Comparer<(long Number, RunRecord? Run)>.Create(static (a, b) => a.Number.CompareTo(b.Number)));

    public void Add(RunRecord run) => _runs.Add((run.Number, run));

    public void Remove(RunRecord run) => _runs.Remove((run.Number, run));

    /// <summary>Up to <paramref name="limit"/> runs that were accepted before one, the latest first.</summary>
    public List<RunRecord> Before(long number, int limit) =>
        [.. _runs.GetViewBetween((long.MinValue, null), (number - 1, null)).Reverse().Take(limit).Select(static entry => entry.Run!)];
}
