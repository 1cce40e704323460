namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The alert thresholds of one counter. Used under the ledger's lock.</summary>
internal sealed class SpendThresholds(SpendCounter counter)
{
    // Caps that change with every request would pile up without a bound. What is forgotten is told anew, as every changed cap is.
    private const int Most = 96;
    private readonly List<SpendThreshold> _all = [];
    private readonly HashSet<SpendLimit> _limits = new(ReferenceEqualityComparer.Instance);
    private SpendLimit? _last;
    private SpendAmount _next = new(long.MaxValue, long.MaxValue, long.MaxValue);

    public int Count => _all.Count;

    /// <summary>Notes the thresholds of a limit.</summary>
    public void Watch(SpendLimit limit)
    {
        // Requests bring the same few objects each time.
        if (ReferenceEquals(_last, limit))
        {
            return;
        }

        if (_limits.Count >= Most)
        {
            _limits.Clear();
        }

        _last = limit;
        if (!_limits.Add(limit))
        {
            return;
        }

        if (_all.Count >= Most)
        {
            _all.RemoveRange(0, Most / 2);
            _limits.Clear();
        }

        foreach (var ratio in limit.AlertRatios)
        {
            Add(SpendUnit.Cost, limit.MaxCostNanos, ratio);
            Add(SpendUnit.Tokens, limit.MaxTokens, ratio);
            Add(SpendUnit.Calls, limit.MaxCalls, ratio);
        }

        FindNext();
    }

    /// <summary>Whether a threshold that was not told yet may have been reached. Cheap: it is asked at every settlement.</summary>
    public bool IsDue => counter.Settled.CostNanos >= _next.CostNanos || counter.Settled.Tokens >= _next.Tokens || counter.Settled.Calls >= _next.Calls;

    /// <summary>Tells what was reached of a limit and not told yet in this period.</summary>
    public void Tell(SpendLimit limit, DateTimeOffset now, ref List<SpendCrossing>? crossings)
    {
        Watch(limit);
        foreach (var threshold in _all)
        {
            if (threshold.ToldIn is null && IsOf(threshold, limit) && counter.Settled.Of(threshold.Unit) >= threshold.Amount)
            {
                Tell(threshold, limit, now, ref crossings);
            }
        }

        FindNext();
    }

    /// <summary>Tells every threshold of a cap that refuses and was not told yet in this period: what is set aside keeps what is settled below it.</summary>
    public void TellRefused(SpendLimit limit, SpendUnit unit, DateTimeOffset now, ref List<SpendCrossing>? crossings)
    {
        Watch(limit);
        foreach (var threshold in _all)
        {
            if (threshold.ToldIn is null && threshold.Unit == unit && IsOf(threshold, limit))
            {
                Tell(threshold, limit, now, ref crossings);
            }
        }

        FindNext();
    }

    /// <summary>What was told in a slice that no longer counts may be told again.</summary>
    public void Rearm()
    {
        foreach (var threshold in _all)
        {
            if (threshold.ToldIn is { } slice && !counter.Counts(slice))
            {
                threshold.ToldIn = null;
            }
        }

        FindNext();
    }

    private static bool IsOf(SpendThreshold threshold, SpendLimit limit) =>
        limit.CapOf(threshold.Unit) == threshold.Cap && limit.AlertRatios.Contains(threshold.Ratio);

    private void Tell(SpendThreshold threshold, SpendLimit limit, DateTimeOffset now, ref List<SpendCrossing>? crossings)
    {
        threshold.ToldIn = counter.Latest;
        (crossings ??= []).Add(new SpendCrossing
        {
            Limit = limit,
            ScopeId = counter.Key.Scope.Id,
            TenantId = counter.Key.Scope.Tenant,
            Unit = threshold.Unit,
            Ratio = threshold.Ratio,
            Cap = threshold.Cap,
            Settled = counter.Settled.Of(threshold.Unit),
            Period = counter.Latest,
            ResetsAt = counter.Window.EndOf(counter.Latest),
            At = now,
        });
    }

    private void Add(SpendUnit unit, long? cap, double ratio)
    {
        // A cap of 0 forbids; there is nothing to spend of it.
        if (cap is > 0 && !_all.Exists(known => known.Unit == unit && known.Cap == cap && known.Ratio.Equals(ratio)))
        {
            _all.Add(new SpendThreshold(unit, cap.Value, ratio));
        }
    }

    private void FindNext()
    {
        var (cost, tokens, calls) = (long.MaxValue, long.MaxValue, long.MaxValue);
        foreach (var threshold in _all)
        {
            if (threshold.ToldIn is not null)
            {
                continue;
            }

            switch (threshold.Unit)
            {
                case SpendUnit.Cost:
                    cost = Math.Min(cost, threshold.Amount);
                    break;
                case SpendUnit.Tokens:
                    tokens = Math.Min(tokens, threshold.Amount);
                    break;
                default:
                    calls = Math.Min(calls, threshold.Amount);
                    break;
            }
        }

        _next = new SpendAmount(cost, tokens, calls);
    }
}
