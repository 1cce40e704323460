namespace AgentHosting.SpendLedgers.Internal;

/// <summary>How fast money is spent, by rule and scope. Used under the ledger's lock.</summary>
internal sealed class SpendRates
{
    private readonly Dictionary<SpendRateKey, SpendRate> _rates = [];
    // Looked at in turn, as counters are: a host may have one for each user.
    private readonly Queue<SpendRateKey> _round = new();

    public int Count => _rates.Count;

    public void Add(SpendReservation reservation, long nanos, DateTimeOffset now, ref List<SpendAnomaly>? anomalies)
    {
        for (var i = 0; i < reservation.AnomalyRules.Count; i++)
        {
            var rule = reservation.AnomalyRules[i];
            if (reservation.Account.IdOf(rule.Scope) is not { } id || IsAmongFirst(reservation.AnomalyRules, i))
            {
                continue;
            }

            var key = new SpendRateKey(rule, reservation.Account.TenantOf(rule.Scope), id, reservation.Account.IsOfUserAlone(rule.Scope));
            if (!_rates.TryGetValue(key, out var rate))
            {
                _rates.Add(key, rate = new SpendRate(key, SpendRate.PeriodAt(rule, now)));
                _round.Enqueue(key);
            }

            if (rate.Add(nanos, now) is { } anomaly)
            {
                (anomalies ??= []).Add(anomaly);
            }
        }
    }

    /// <summary>Looks at the next few, and forgets those that are over.</summary>
    public void Forget(int few, DateTimeOffset now)
    {
        for (var left = Math.Min(few, _round.Count); left > 0; left--)
        {
            var key = _round.Dequeue();
            if (_rates[key].IsOver(now))
            {
                _rates.Remove(key);
            }
            else
            {
                _round.Enqueue(key);
            }
        }
    }

    // Two equal rules are one: what is spent counts once.
    private static bool IsAmongFirst(IReadOnlyList<SpendAnomalyRule> rules, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (rules[i] == rules[count])
            {
                return true;
            }
        }

        return false;
    }
}
