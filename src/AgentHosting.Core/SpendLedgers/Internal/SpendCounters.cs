namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The counters by what they count. Used under the ledger's lock.</summary>
internal sealed class SpendCounters(TimeSpan idleRetention)
{
    private readonly Dictionary<SpendCounterKey, SpendCounter> _byKey = [];
    // Looked at in turn, so that those that are over are found a few at a time.
    private readonly Queue<SpendCounter> _round = new();

    public int Count => _byKey.Count;

    public SpendCounter Of(in SpendCounterKey key, DateTimeOffset now)
    {
        if (!_byKey.TryGetValue(key, out var counter))
        {
            counter = new SpendCounter(key);
            _byKey.Add(key, counter);
            _round.Enqueue(counter);
        }

        counter.MoveTo(now);
        return counter;
    }

    /// <summary>Looks at the next few, and forgets those that are over.</summary>
    public void Forget(int few, DateTimeOffset now)
    {
        for (var left = Math.Min(few, _round.Count); left > 0; left--)
        {
            var counter = _round.Dequeue();
            if (counter.IsOver(now, idleRetention))
            {
                _byKey.Remove(counter.Key);
            }
            else
            {
                _round.Enqueue(counter);
            }
        }
    }
}
