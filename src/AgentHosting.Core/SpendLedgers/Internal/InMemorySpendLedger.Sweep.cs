namespace AgentHosting.SpendLedgers.Internal;

/// <summary>Charges what nobody settles and forgets what is over: all of it in a sweep, a little at a time at reservations, for pipelines that nobody sweeps.</summary>
internal sealed partial class InMemorySpendLedger
{
    // What is done before the lock is given to others.
    private const int Few = 256;
    private const int FewAtAReservation = 16;
    private DateTimeOffset _sweepAt;
    // How many are still to be looked at; null before the first.
    private int? _left;

    public ValueTask<SpendSweepResult> SweepAsync(int max, CancellationToken cancellationToken)
    {
        SpendFindings findings = default;
        var (charged, few, last) = (0, 0, 0);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            few = Math.Min(Few, max - charged);
            lock (_gate)
            {
                last = ChargeDue(few, _time.GetUtcNow(), ref findings);
            }

            charged += last;
        }
        while (last == few && charged < max);

        for (var left = ToLookAt(); left > 0; left -= Few)
        {
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                _counters.Forget(Few, now);
                _rates.Forget(Few, now);
            }
        }

        lock (_gate)
        {
            var now = _time.GetUtcNow();
            _estimates.Forget(now);
            _book.Forget(now);
            RestUntilNextSweep(now);
        }

        return new ValueTask<SpendSweepResult>(new SpendSweepResult { Charged = charged, Crossings = findings.Crossings ?? [], Anomalies = findings.Anomalies ?? [] });
    }

    /// <summary>Once in a sweep interval it goes through everything, a few at each reservation: more than a reservation adds.</summary>
    private void SweepAFew(SpendReservation reservation, DateTimeOffset now, ref SpendFindings findings)
    {
        // Further off than an interval it is when the clock was set back.
        if (now < _sweepAt && _sweepAt - now <= _options.SweepInterval)
        {
            return;
        }

        var charged = ChargeDue(FewAtAReservation, now, ref findings);
        var few = FewAtAReservation + reservation.Limits.Count + reservation.AnomalyRules.Count;
        _left = (_left ?? Math.Max(_counters.Count, _rates.Count)) - few;
        _counters.Forget(few, now);
        _rates.Forget(few, now);
        _estimates.Forget(now);
        _book.Forget(now);
        if (charged < FewAtAReservation && _left <= 0)
        {
            RestUntilNextSweep(now);
        }
    }

    private void RestUntilNextSweep(DateTimeOffset now) => (_sweepAt, _left) = (now + _options.SweepInterval, null);

    private int ToLookAt()
    {
        lock (_gate)
        {
            return Math.Max(_counters.Count, _rates.Count);
        }
    }

    private int ChargeDue(int most, DateTimeOffset now, ref SpendFindings findings)
    {
        var charged = 0;
        while (charged < most && _holds.NextDue(now) is { } hold)
        {
            Estimate(hold, InFull(hold.Reservation), now, ref findings);
            charged++;
        }

        return charged;
    }

    private static SpendSettlement InFull(SpendReservation reservation) => new()
    {
        Id = reservation.Id,
        InputTokens = reservation.InputTokens,
        OutputTokens = reservation.MaxOutputTokens,
        Cost = reservation.MaxCost,
        IsEstimated = true,
        Outcome = SpendOutcome.Expired,
    };
}
