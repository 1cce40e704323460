using Microsoft.Extensions.Options;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The ledger of one process. One lock makes each step atomic over all its limits.</summary>
internal sealed partial class InMemorySpendLedger : ISpendLedger
{
    private readonly Lock _gate = new();
    private readonly SpendCounters _counters;
    private readonly SpendHolds _holds = new();
    private readonly SpendEstimates _estimates = new();
    private readonly SpendRates _rates = new();
    private readonly SpendBook _book;
    private readonly SpendLedgerOptions _options;
    private readonly TimeProvider _time;

    public InMemorySpendLedger(IOptions<SpendLedgerOptions> options, TimeProvider timeProvider)
    {
        _options = options.Value;
        _time = timeProvider;
        _counters = new SpendCounters(_options.IdleRetention);
        _book = new SpendBook(_options, _gate);
        RestUntilNextSweep(_time.GetUtcNow());
    }

    /// <summary>A ledger for a pipeline without services.</summary>
    public static InMemorySpendLedger Create(TimeProvider timeProvider) => new(Options.Create(new SpendLedgerOptions()), timeProvider);

    /// <summary>For tests.</summary>
    internal int CounterCount
    {
        get
        {
            lock (_gate)
            {
                return _counters.Count;
            }
        }
    }

    /// <summary>For tests.</summary>
    internal int RateCount => _rates.Count;

    /// <summary>For tests.</summary>
    internal SpendHolds Holds => _holds;

    public ValueTask<SpendReservationResult> ReserveAsync(SpendReservation reservation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(reservation.Lease, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        var amount = new SpendAmount(
            NanosOf(reservation.MaxCost), SpendTokens.Sum(reservation.InputTokens, reservation.MaxOutputTokens), 1);
        // What a later attempt of its step will charge if nothing else is known.
        SpendMoney.Check(reservation.InputCost ?? 0);
        lock (_gate)
        {
            return new ValueTask<SpendReservationResult>(Reserve(reservation, amount, _time.GetUtcNow()));
        }
    }

    public ValueTask<bool> RenewAsync(string id, long seenOutputTokens, decimal? seenCost, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(id);
        lock (_gate)
        {
            if (!_holds.TryGet(id, out var hold))
            {
                return new ValueTask<bool>(false);
            }

            // What cannot be charged is refused now: later it would stand in the way of the next attempt of the step.
            _ = SpendTokens.Sum(hold.Reservation.InputTokens, seenOutputTokens);
            SpendMoney.Check(seenCost ?? 0);
            _holds.Renew(hold, _time.GetUtcNow() + lease);
            hold.Seen = new SpendSeen(seenOutputTokens, seenCost);
            return new ValueTask<bool>(true);
        }
    }

    public ValueTask<SpendSettlementResult> SettleAsync(SpendSettlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var spent = AmountOf(settlement);
            if (!_holds.Remove(settlement.Id, out var hold))
            {
                return new ValueTask<SpendSettlementResult>(
                    _estimates.Take(settlement.Id, now) is { } estimate ? Correct(estimate, settlement, spent, now) : NotOpen);
            }

            SpendFindings findings = default;
            Settle(hold, settlement, spent, now, ref findings);
            return new ValueTask<SpendSettlementResult>(findings.IsEmpty
                ? Settled
                : new SpendSettlementResult { IsSettled = true, Crossings = findings.Crossings ?? [], Anomalies = findings.Anomalies ?? [] });
        }
    }

    public ValueTask<IReadOnlyList<SpendBalance>> GetBalancesAsync(SpendAccount account, IReadOnlyList<SpendLimit> limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(limits);
        lock (_gate)
        {
            var balances = new List<SpendBalance>(limits.Count);
            foreach (var limit in limits)
            {
                if (limit.Scope != SpendScope.Call && _counters.Of(limit.Scope, account) is { } counters)
                {
                    balances.Add(BalanceOf(limit, _counters.Of(counters, limit.Window, _time.GetUtcNow())));
                }
            }

            return new ValueTask<IReadOnlyList<SpendBalance>>(balances);
        }
    }

    public ValueTask<IReadOnlyList<SpendSummary>> QueryAsync(SpendQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new ValueTask<IReadOnlyList<SpendSummary>>(_book.Sum(query));
    }

    public ValueTask<IReadOnlyList<SpendRow>> GetRowsAsync(SpendQuery query, int max, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new ValueTask<IReadOnlyList<SpendRow>>(_book.Rows(query, max));
    }
}
