namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What was spent in the current period and in those before it. Used under the ledger's lock.</summary>
internal sealed class SpendRate(SpendRateKey key, long firstPeriod)
{
    private readonly long[] _before = new long[key.Rule.BaselinePeriods];
    private long _firstPeriod = firstPeriod;
    private long _period = firstPeriod;
    private long _spent;
    private long _sum;
    private long? _toldIn;

    public static long PeriodAt(SpendAnomalyRule rule, DateTimeOffset now) => (now - DateTimeOffset.UnixEpoch).Ticks / rule.Period.Ticks;

    /// <summary>Whether nothing of it can be compared with any more.</summary>
    public bool IsOver(DateTimeOffset now) => PeriodAt(key.Rule, now) - _period > _before.Length;

    /// <summary>Adds what was spent.</summary>
    /// <returns>The anomaly that it made of the period, the first time; else <see langword="null"/>.</returns>
    public SpendAnomaly? Add(long nanos, DateTimeOffset now)
    {
        MoveTo(PeriodAt(key.Rule, now));
        _spent += nanos;
        var known = Math.Min(_period - _firstPeriod, _before.Length);
        if (_toldIn == _period || _spent < key.Rule.MinCostNanos || known < Math.Max(1, _before.Length / 4))
        {
            return null;
        }

        var usual = (double)_sum / known;
        if (_spent <= usual * key.Rule.Factor)
        {
            return null;
        }

        _toldIn = _period;
        return new SpendAnomaly
        {
            Rule = key.Rule,
            ScopeId = key.Id,
            TenantId = key.Tenant,
            SpentNanos = _spent,
            UsualNanos = (long)usual,
            ResetsAt = DateTimeOffset.UnixEpoch.AddTicks((_period + 1) * key.Rule.Period.Ticks),
            At = now,
        };
    }

    // A clock that was set back stays in the period that it had reached.
    private void MoveTo(long period)
    {
        if (period - _period > _before.Length)
        {
            // Longer than the whole baseline without a spend: there is nothing to compare with, as after a sweep that forgot it.
            Array.Clear(_before);
            _sum = _spent = 0;
            _firstPeriod = _period = period;
            return;
        }

        while (_period < period)
        {
            ref var oldest = ref _before[_period % _before.Length];
            _sum += _spent - oldest;
            oldest = _spent;
            _spent = 0;
            _period++;
        }
    }
}
