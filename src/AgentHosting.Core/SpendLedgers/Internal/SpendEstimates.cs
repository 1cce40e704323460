namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The latest charges by estimate, each of which one late settlement may correct. Used under the ledger's lock.</summary>
internal sealed class SpendEstimates
{
    // Half an hour of five lost requests a second, and a few megabytes.
    public const int Most = 10_000;
    private readonly Dictionary<string, SpendEstimate> _byId = new(StringComparer.Ordinal);
    private readonly Queue<SpendEstimate> _byAge = new();

    public static TimeSpan Kept { get; } = TimeSpan.FromDays(1);

    public int Count => _byAge.Count;

    public void Add(SpendEstimate estimate)
    {
        if (_byAge.Count == Most)
        {
            ForgetOldest();
        }

        _byAge.Enqueue(estimate);
        _byId[estimate.Settlement.Id] = estimate;
    }

    /// <returns>What was charged under a name, once.</returns>
    public SpendEstimate? Take(string id, DateTimeOffset now)
    {
        Forget(now);
        return _byId.Remove(id, out var estimate) ? estimate : null;
    }

    public void Forget(DateTimeOffset now)
    {
        while (_byAge.TryPeek(out var oldest) && now - oldest.At >= Kept)
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest()
    {
        var oldest = _byAge.Dequeue();
        if (_byId.TryGetValue(oldest.Settlement.Id, out var known) && ReferenceEquals(known, oldest))
        {
            _byId.Remove(oldest.Settlement.Id);
        }
    }
}
