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
        var expiresAt = now + reservation.Lease;
        SpendFindings findings = default;
        SettlePredecessors(reservation, now, ref findings);
        SweepAFew(reservation, now, ref findings);
        var places = new (SpendCounter Counter, long Slice)[reservation.Limits.Count];
        var count = 0;
        _reservations++;
        for (var i = 0; i < reservation.Limits.Count; i++)
        {
            var limit = reservation.Limits[i];
            if (reservation.Account.IdOf(limit.Scope) is not { } id)
            {
                continue;
            }

            var counter = limit.Scope == SpendScope.Call ? null : CounterOf(limit, reservation.Account, id, now);
            counter?.Watch(limit);
            if (Refuses(limit, id, counter, amount) is { } refusal)
            {
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
                places[count++].Counter = counter;
            }
        }

        if (count < places.Length)
        {
            Array.Resize(ref places, count);
        }

        for (var i = 0; i < count; i++)
        {
            places[i].Slice = places[i].Counter.Hold(amount);
        }

        var hold = new SpendHold(reservation, amount, places) { ExpiresAt = expiresAt };
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
                    OutputTokens = hold.SeenOutputTokens,
                    Cost = hold.SeenCost,
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
        _estimates.Add(new SpendEstimate(hold, settlement, spent, Settle(hold, settlement, spent, now, ref findings), now));
    }

    private SpendSettlementResult Correct(SpendEstimate estimate, SpendSettlement settlement, SpendAmount spent, DateTimeOffset now)
    {
        var change = spent - estimate.Charged;
        var isDue = false;
        foreach (var (counter, slice) in estimate.Hold.Places)
        {
            counter.Correct(slice, change);
            isDue |= counter.Thresholds is { IsDue: true };
        }

        SpendFindings findings = default;
        if (isDue)
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
        var isDue = false;
        foreach (var (counter, slice) in hold.Places)
        {
            counter.Settle(slice, hold.Amount, spent);
            isDue |= counter.Thresholds is { IsDue: true };
        }

        if (isDue)
        {
            Tell(hold.Reservation, now, ref findings.Crossings);
        }

        _rates.Add(hold.Reservation, spent.CostNanos, now, ref findings.Anomalies);

        _holds.Remove(hold);
        return _book.Add(hold.Reservation.Account, settlement, now);
    }

    private void Tell(SpendReservation reservation, DateTimeOffset now, ref List<SpendCrossing>? crossings)
    {
        for (var i = 0; i < reservation.Limits.Count; i++)
        {
            var limit = reservation.Limits[i];
            if (limit.AlertRatios.Count > 0 && limit.Scope != SpendScope.Call && reservation.Account.IdOf(limit.Scope) is { } id)
            {
                // The counter first moves on: what is over is not to be told any more.
                var counter = CounterOf(limit, reservation.Account, id, now);
                counter.Watch(limit);
                counter.Thresholds!.Tell(limit, now, ref crossings);
            }
        }
    }

    private SpendCounter CounterOf(SpendLimit limit, SpendAccount account, string id, DateTimeOffset now) =>
        _counters.Of(new SpendCounterKey(limit.Scope, account.TenantOf(limit.Scope), id, limit.Window, account.IsOfUserAlone(limit.Scope)), now);

    private static SpendRefusal? Refuses(SpendLimit limit, string id, SpendCounter? counter, SpendAmount amount) =>
        Refuses(limit, SpendUnit.Cost, limit.MaxCostNanos, id, counter, amount)
        ?? Refuses(limit, SpendUnit.Tokens, limit.MaxTokens, id, counter, amount)
        ?? Refuses(limit, SpendUnit.Calls, limit.MaxCalls, id, counter, amount);

    private static SpendRefusal? Refuses(SpendLimit limit, SpendUnit unit, long? max, string id, SpendCounter? counter, SpendAmount amount)
    {
        if (max is not { } cap)
        {
            return null;
        }

        var used = counter?.Used.Of(unit) ?? 0;
        var requested = amount.Of(unit);
        if (requested == 0 || used <= cap - requested)
        {
            return null;
        }

        return new SpendRefusal
        {
            Limit = limit,
            ScopeId = id,
            Unit = unit,
            Cap = cap,
            Used = used,
            Requested = requested,
            ResetsAt = requested > cap ? null : counter?.TimeToForget(unit, used - (cap - requested)),
        };
    }

    private static SpendBalance BalanceOf(SpendLimit limit, string id, SpendCounter counter) => new()
    {
        Limit = limit,
        ScopeId = id,
        Period = counter.Latest,
        SettledCostNanos = counter.Settled.CostNanos,
        HeldCostNanos = counter.Held.CostNanos,
        SettledTokens = counter.Settled.Tokens,
        HeldTokens = counter.Held.Tokens,
        Calls = counter.Used.Calls,
    };
}
