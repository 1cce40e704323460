using AgentHosting.SpendLedgers;

namespace AgentHosting.Core.Tests.TokenBudgets;

/// <summary>A ledger whose store is down.</summary>
internal sealed class BrokenLedger : ISpendLedger
{
    public ValueTask<SpendReservationResult> ReserveAsync(SpendReservation reservation, CancellationToken cancellationToken) => throw new TimeoutException("store");

    public ValueTask<bool> RenewAsync(string id, long seenOutputTokens, decimal? seenCost, TimeSpan lease, CancellationToken cancellationToken) => throw new TimeoutException("store");

    public ValueTask<SpendSettlementResult> SettleAsync(SpendSettlement settlement, CancellationToken cancellationToken) => throw new TimeoutException("store");

    public ValueTask<SpendSweepResult> SweepAsync(int max, CancellationToken cancellationToken) => throw new TimeoutException("store");

    public ValueTask<IReadOnlyList<SpendBalance>> GetBalancesAsync(SpendAccount account, IReadOnlyList<SpendLimit> limits, CancellationToken cancellationToken) => throw new TimeoutException("store");

    public ValueTask<IReadOnlyList<SpendSummary>> QueryAsync(SpendQuery query, CancellationToken cancellationToken) => throw new TimeoutException("store");

    public ValueTask<IReadOnlyList<SpendRow>> GetRowsAsync(SpendQuery query, int max, CancellationToken cancellationToken) => throw new TimeoutException("store");
}
