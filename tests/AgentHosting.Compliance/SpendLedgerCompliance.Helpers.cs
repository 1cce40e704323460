using AgentHosting.SpendLedgers;
using Xunit;

namespace AgentHosting.Compliance;

public abstract partial class SpendLedgerCompliance
{
    protected static TimeSpan Lease { get; } = TimeSpan.FromSeconds(10);

    private static SpendAccount Ann { get; } = new() { TenantId = "acme", UserId = "ann", RunId = "run", Agent = "agent", Model = "mini" };

    private static decimal Nanos(long nanos) => nanos / 1_000_000_000m;

    private static SpendLimit Limit(SpendScope scope, SpendWindow window, long maxCost) => new() { Scope = scope, Window = window, MaxCostNanos = maxCost };

    private static SpendLimit User(long maxCost, SpendWindow? window = null) => Limit(SpendScope.User, window ?? SpendWindow.Total, maxCost);

    // Twenty tokens a request; the input costs half of the worst case.
    private static SpendReservation Reservation(
        string id, long cost, IReadOnlyList<SpendLimit> limits, SpendAccount? account = null, string? step = null, int attempt = 0) => new()
        {
            Id = id,
            Account = account ?? Ann,
            Limits = limits,
            InputTokens = 12,
            MaxOutputTokens = 8,
            InputCost = Nanos(cost / 2),
            MaxCost = Nanos(cost),
            Lease = Lease,
            Step = step,
            Attempt = attempt,
        };

    private static SpendReservation Reservation(string id, long cost, params SpendLimit[] limits) => Reservation(id, cost, (IReadOnlyList<SpendLimit>)limits);

    private static void AssertBalance(SpendBalance balance, long settled, long held, long calls) =>
        Assert.Equal((settled, held, calls), (balance.SettledCostNanos, balance.HeldCostNanos, balance.Calls));

    private ValueTask<SpendReservationResult> ReserveAsync(long cost, params SpendLimit[] limits) =>
        Ledger.ReserveAsync(Reservation($"call {++_ids}", cost, limits), Token);

    private async Task<string> GrantedAsync(long cost, params SpendLimit[] limits)
    {
        Assert.Null((await ReserveAsync(cost, limits)).Refusal);
        return $"call {_ids}";
    }

    private async Task<bool> SettleAsync(string id, long cost) =>
        (await SettlementAsync(id, cost)).IsSettled;

    private async Task<SpendSettlementResult> SettlementAsync(string id, long cost) =>
        await Ledger.SettleAsync(new SpendSettlement { Id = id, InputTokens = 12, OutputTokens = 4, Cost = Nanos(cost) }, Token);

    private async Task<SpendBalance> BalanceAsync(SpendLimit limit) => Assert.Single(await Ledger.GetBalancesAsync(Ann, [limit], Token));

    private async Task<SpendSummary> SumAsync() => Assert.Single(await Ledger.QueryAsync(new SpendQuery(), Token));
}
