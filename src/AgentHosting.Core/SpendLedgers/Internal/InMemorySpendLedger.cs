using Microsoft.Extensions.Options;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The ledger of one process. One lock makes each step atomic over all its limits.</summary>
internal sealed partial class InMemorySpendLedger : ISpendLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SpendCounterKey, SpendCounter> _counters = [];
    private readonly Dictionary<string, SpendHold> _holds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SpendHold>> _steps = new(StringComparer.Ordinal);
    private readonly SpendEstimates _estimates = new();
    private readonly SpendBook _book;
    private readonly SpendLedgerOptions _options;
    private readonly TimeProvider _time;

    public InMemorySpendLedger(IOptions<SpendLedgerOptions> options, TimeProvider timeProvider)
    {
        _options = options.Value;
        _time = timeProvider;
        _book = new SpendBook(_options);
    }

    /// <summary>A ledger for a pipeline without services.</summary>
    public static InMemorySpendLedger Create(TimeProvider timeProvider) => new(Options.Create(new SpendLedgerOptions()), timeProvider);

    /// <summary>For tests.</summary>
    internal int CounterCount => _counters.Count;

    public ValueTask<SpendReservationResult> ReserveAsync(SpendReservation reservation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentOutOfRangeException.ThrowIfNegative(reservation.InputTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(reservation.MaxOutputTokens);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(reservation.Lease, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        var amount = new SpendAmount(
            reservation.MaxCost is { } cost ? SpendMoney.ToNanos(cost) : 0, checked(reservation.InputTokens + reservation.MaxOutputTokens), 1);
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
            if (!_holds.TryGetValue(id, out var hold))
            {
                return new ValueTask<bool>(false);
            }

            hold.ExpiresAt = _time.GetUtcNow() + lease;
            hold.SeenOutputTokens = seenOutputTokens;
            hold.SeenCost = seenCost;
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
            if (!_holds.TryGetValue(settlement.Id, out var hold))
            {
                return new ValueTask<SpendSettlementResult>(
                    _estimates.Take(settlement.Id, now) is { } estimate ? Correct(estimate, settlement, spent, now) : NotOpen);
            }

            List<SpendCrossing>? crossings = null;
            Settle(hold, settlement, spent, now, ref crossings);
            return new ValueTask<SpendSettlementResult>(crossings is null ? Settled : new SpendSettlementResult { IsSettled = true, Crossings = crossings });
        }
    }

    public ValueTask<SpendSweepResult> SweepAsync(int max, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var expired = _holds.Values.Where(hold => hold.ExpiresAt <= now).Take(max).ToList();
            List<SpendCrossing>? crossings = null;
            foreach (var hold in expired)
            {
                Estimate(hold, InFull(hold.Reservation), now, ref crossings);
            }

            Forget(now);
            return new ValueTask<SpendSweepResult>(new SpendSweepResult { Charged = expired.Count, Crossings = crossings ?? [] });
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
                if (limit.Scope != SpendScope.Call && account.IdOf(limit.Scope) is { } id)
                {
                    balances.Add(BalanceOf(limit, id, CounterOf(limit, account, id, _time.GetUtcNow())));
                }
            }

            return new ValueTask<IReadOnlyList<SpendBalance>>(balances);
        }
    }

    public ValueTask<IReadOnlyList<SpendSummary>> QueryAsync(SpendQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_gate)
        {
            return new ValueTask<IReadOnlyList<SpendSummary>>(_book.Sum(query));
        }
    }

    public ValueTask<IReadOnlyList<SpendRow>> GetRowsAsync(SpendQuery query, int max, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_gate)
        {
            return new ValueTask<IReadOnlyList<SpendRow>>(_book.Rows(query, max));
        }
    }
}
