namespace AgentHosting.SpendLedgers.Internal;

/// <summary>How fast money is spent, by rule and scope. Used under the ledger's lock.</summary>
internal sealed class SpendRates
{
    private readonly Dictionary<SpendRateKey, SpendRate> _rates = [];

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
            }

            if (rate.Add(nanos, now) is { } anomaly)
            {
                (anomalies ??= []).Add(anomaly);
            }
        }
    }

    public void Forget(DateTimeOffset now)
    {
        foreach (var (key, rate) in _rates)
        {
            if (rate.IsOver(now))
            {
                _rates.Remove(key);
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
