namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The counters by what they count. Used under the ledger's lock.</summary>
internal sealed class SpendCounters(TimeSpan idleRetention)
{
    private readonly Dictionary<SpendScopeKey, SpendScopeCounters> _byScope = [];
    // Looked at in turn, so that those that are over are found a few at a time.
    private readonly Queue<SpendCounter> _round = new();

    public int Count => _round.Count;

    /// <summary>The counters of the scope that an account falls under; <see langword="null"/> where it has none of that kind.</summary>
    public SpendScopeCounters? Of(SpendScope scope, SpendAccount account)
    {
        if (account.IdOf(scope) is not { } id)
        {
            return null;
        }

        var key = new SpendScopeKey(scope, account.TenantOf(scope), id, account.IsOfUserAlone(scope));
        if (!_byScope.TryGetValue(key, out var counters))
        {
            _byScope.Add(key, counters = new SpendScopeCounters(key));
        }

        return counters;
    }

    /// <summary>The counter of a window, without what is over.</summary>
    public SpendCounter Of(SpendScopeCounters counters, SpendWindow window, DateTimeOffset now)
    {
        if (counters.Find(window) is not { } counter)
        {
            counter = counters.Add(window);
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
                Remove(counter);
            }
            else
            {
                _round.Enqueue(counter);
            }
        }
    }

    private void Remove(SpendCounter counter)
    {
        var counters = _byScope[counter.Key.Scope];
        counters.Remove(counter);
        if (counters.Count == 0)
        {
            _byScope.Remove(counters.Key);
        }
    }
}
