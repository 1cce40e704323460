namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The counters of one scope, one for each window that limits have there. Used under the ledger's lock.</summary>
internal sealed class SpendScopeCounters(SpendScopeKey key)
{
    private readonly List<SpendCounter> _counters = [];
    private int _found = -1;

    public SpendScopeKey Key => key;

    public SpendScope Scope => key.Scope;

    public int Count => _counters.Count;

    public SpendCounter? Find(SpendWindow window)
    {
        // Limits come in the same order each time, so that the one after that which was found last is nearly always it.
        for (var left = _counters.Count; left > 0; left--)
        {
            _found = _found + 1 < _counters.Count ? _found + 1 : 0;
            if (_counters[_found].Window.Equals(window))
            {
                return _counters[_found];
            }
        }

        return null;
    }

    public SpendCounter Add(SpendWindow window)
    {
        var counter = new SpendCounter(new SpendCounterKey(key, window));
        _counters.Add(counter);
        return counter;
    }

    public void Remove(SpendCounter counter) => _counters.Remove(counter);
}
