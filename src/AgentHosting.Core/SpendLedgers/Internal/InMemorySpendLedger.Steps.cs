namespace AgentHosting.SpendLedgers.Internal;

/// <summary>What is done under the lock.</summary>
internal sealed partial class InMemorySpendLedger
{
    private static readonly SpendReservationResult Granted = new();
    private static readonly SpendSettlementResult Settled = new() { IsSettled = true };
    private static readonly SpendSettlementResult NotOpen = new() { IsSettled = false };
    private long _reservations;

    private SpendReservationResult Reserve(SpendReservation reservation, SpendAmount amount, DateTimeOffset now)
    {
        if (_holds.TryGet(reservation.Id, out _))
        {
            return Granted;
        }

        // Before anything is changed: it throws for a lease beyond the calendar.
        var expiresAt = (now + reservation.Lease).UtcTicks;
        SpendFindings findings = default;
        SettlePredecessors(reservation, now, ref findings);
        SweepAFew(reservation, now, ref findings);
        var limits = reservation.Limits as SpendLimit[] ?? reservation.Limits.ToArray();
        SpendPlaces places = default;
        SpendScopeCounters? counters = null;
        _reservations++;
        foreach (var limit in limits)
        {
            SpendCounter? counter = null;
            if (limit.Scope != SpendScope.Call)
            {
                // Limits of one scope mostly stand together.
                counters = counters?.Scope == limit.Scope ? counters : _counters.Of(limit.Scope, reservation.Account);
                if (counters is null)
                {
                    continue;
                }

                counter = _counters.Of(counters, limit.Window, now);
                counter.Watch(limit);
            }

            if (!Covers(limit, counter, amount))
            {
                var refusal = Refusal(limit, counter, amount);
                // What would not fit into an unspent limit says nothing about what is spent.
                if (reservation.IsFinal && refusal.Requested <= refusal.Cap)
                {
                    counter?.Thresholds?.TellRefused(limit, refusal.Unit, now, ref findings.Crossings);
                }

                return new SpendReservationResult { Refusal = refusal, Crossings = findings.Crossings ?? [], Anomalies = findings.Anomalies ?? [] };
            }

            // Two limits may share a counter, which counts a request once.
            if (counter is not null && counter.SeenBy != _reservations)
            {
                counter.SeenBy = _reservations;
                places.Add(counter, limits.Length);
            }
        }

        for (var i = 0; i < places.Count; i++)
        {
            ref var place = ref places[i];
            place.Slice = place.Counter.Hold(amount);
        }

        var hold = new SpendHold(reservation, amount, places, expiresAt);
        _holds.Add(hold);
        return findings.IsEmpty ? Granted : new SpendReservationResult { Crossings = findings.Crossings ?? [], Anomalies = findings.Anomalies ?? [] };
    }

    private void SettlePredecessors(SpendReservation reservation, DateTimeOffset now, ref SpendFindings findings)
    {
        foreach (var hold in _holds.Predecessors(reservation))
        {
            Estimate(
                hold,
                new SpendSettlement
                {
                    Id = hold.Reservation.Id,
                    InputTokens = hold.Reservation.InputTokens,
                    OutputTokens = hold.Seen?.OutputTokens ?? 0,
                    Cost = hold.Seen is { } seen ? seen.Cost : hold.Reservation.InputCost,
                    IsEstimated = true,
                    Outcome = SpendOutcome.Expired,
                },
                now,
                ref findings);
        }
    }

    private void Estimate(SpendHold hold, SpendSettlement settlement, DateTimeOffset now, ref SpendFindings findings)
    {
        var spent = AmountOf(settlement);
        _holds.Remove(hold);
        _estimates.Add(new SpendEstimate(hold, settlement, spent, Settle(hold, settlement, spent, now, ref findings), now));
    }

    private SpendSettlementResult Correct(SpendEstimate estimate, SpendSettlement settlement, SpendAmount spent, DateTimeOffset now)
    {
        var change = spent - estimate.Charged;
        SpendFindings findings = default;
        if (estimate.Hold.Correct(change, now))
        {
            Tell(estimate.Hold.Reservation, now, ref findings.Crossings);
        }

        _book.Replace(estimate.Entry, estimate.Settlement, settlement);
        return new SpendSettlementResult { IsSettled = true, IsCorrection = true, Crossings = findings.Crossings ?? [], Anomalies = findings.Anomalies ?? [] };
    }

    private static SpendAmount AmountOf(SpendSettlement settlement) =>
        new(NanosOf(settlement.Cost), SpendTokens.Sum(settlement.InputTokens, settlement.OutputTokens), 1);

    private static long NanosOf(decimal? cost) => cost is { } known ? SpendMoney.ToNanos(known) : 0;

    private SpendEntry Settle(SpendHold hold, SpendSettlement settlement, SpendAmount spent, DateTimeOffset now, ref SpendFindings findings)
    {
        if (hold.Settle(spent, now))
        {
            Tell(hold.Reservation, now, ref findings.Crossings);
        }

        _rates.Add(hold.Reservation, spent.CostNanos, now, ref findings.Anomalies);
        return _book.Add(hold.Reservation.Account, settlement, now);
    }

    private void Tell(SpendReservation reservation, DateTimeOffset now, ref List<SpendCrossing>? crossings)
    {
        for (var i = 0; i < reservation.Limits.Count; i++)
        {
            var limit = reservation.Limits[i];
            if (limit.HasAlerts && limit.Scope != SpendScope.Call && _counters.Of(limit.Scope, reservation.Account) is { } counters)
            {
                // The counter first moves on: what is over is not to be told any more.
                var counter = _counters.Of(counters, limit.Window, now);
                counter.Watch(limit);
                counter.Thresholds!.Tell(limit, now, ref crossings);
            }
        }
    }

    private static bool Covers(SpendLimit limit, SpendCounter? counter, in SpendAmount amount)
    {
        var used = counter?.Used ?? default;
        return Covers(limit.MaxCostNanos, used.CostNanos, amount.CostNanos)
            && Covers(limit.MaxTokens, used.Tokens, amount.Tokens)
            && Covers(limit.MaxCalls, used.Calls, amount.Calls);
    }

    private static bool Covers(long? cap, long used, long requested) => cap is not { } most || requested == 0 || used <= most - requested;

    private static SpendRefusal Refusal(SpendLimit limit, SpendCounter? counter, in SpendAmount amount)
    {
        var used = counter?.Used ?? default;
        var unit = !Covers(limit.MaxCostNanos, used.CostNanos, amount.CostNanos) ? SpendUnit.Cost
            : !Covers(limit.MaxTokens, used.Tokens, amount.Tokens) ? SpendUnit.Tokens
            : SpendUnit.Calls;
        var (cap, requested) = (limit.CapOf(unit)!.Value, amount.Of(unit));
        return new SpendRefusal
        {
            Limit = limit,
            ScopeId = counter?.Key.Scope.Id ?? "",
            Unit = unit,
            Cap = cap,
            Used = used.Of(unit),
            Requested = requested,
            ResetsAt = requested > cap ? null : counter?.TimeToForget(unit, used.Of(unit) - (cap - requested)),
        };
    }

    private static SpendBalance BalanceOf(SpendLimit limit, SpendCounter counter) => new()
    {
        Limit = limit,
        ScopeId = counter.Key.Scope.Id,
        Period = counter.Latest,
        SettledCostNanos = counter.Settled.CostNanos,
        HeldCostNanos = counter.Held.CostNanos,
        SettledTokens = counter.Settled.Tokens,
        HeldTokens = counter.Held.Tokens,
        Calls = counter.Used.Calls,
    };
}
