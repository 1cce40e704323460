using System.Collections.Concurrent;
using AgentHosting.SpendLedgers;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>A ledger that some settlements never reach, as those of a process that dies before it has made them.</summary>
internal sealed class DyingLedger(ISpendLedger ledger, Func<bool> dies) : ISpendLedger
{
    /// <summary>What would have been charged, by reservation.</summary>
    public ConcurrentDictionary<string, SpendSettlement> Lost { get; } = new(StringComparer.Ordinal);

    public ValueTask<SpendReservationResult> ReserveAsync(SpendReservation reservation, CancellationToken cancellationToken) =>
        ledger.ReserveAsync(reservation, cancellationToken);

    public ValueTask<bool> RenewAsync(string id, long seenOutputTokens, decimal? seenCost, TimeSpan lease, CancellationToken cancellationToken) =>
        ledger.RenewAsync(id, seenOutputTokens, seenCost, lease, cancellationToken);

    public ValueTask<SpendSettlementResult> SettleAsync(SpendSettlement settlement, CancellationToken cancellationToken)
    {
        if (!dies())
        {
            return ledger.SettleAsync(settlement, cancellationToken);
        }

        Lost[settlement.Id] = settlement;
        return new(new SpendSettlementResult { IsSettled = true });
    }

    public ValueTask<SpendSweepResult> SweepAsync(int max, CancellationToken cancellationToken) => ledger.SweepAsync(max, cancellationToken);

    public ValueTask<IReadOnlyList<SpendBalance>> GetBalancesAsync(SpendAccount account, IReadOnlyList<SpendLimit> limits, CancellationToken cancellationToken) =>
        ledger.GetBalancesAsync(account, limits, cancellationToken);

    public ValueTask<IReadOnlyList<SpendSummary>> QueryAsync(SpendQuery query, CancellationToken cancellationToken) => ledger.QueryAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<SpendRow>> GetRowsAsync(SpendQuery query, int max, CancellationToken cancellationToken) =>
        ledger.GetRowsAsync(query, max, cancellationToken);
}
