using AgentHosting.SpendLedgers;
using Xunit;

namespace AgentHosting.Compliance;

public abstract partial class SpendLedgerCompliance
{
    /// <summary>How many requests the callers of one race make together.</summary>
    protected virtual int RequestsOfARace => 4000;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(256)]
    public async Task Race_RandomOutcomes_NeverPassesACapAndLosesNothing(int callers)
    {
        var seed = Environment.TickCount;
        SpendLimit[] limits =
        [
            Limit(SpendScope.Global, SpendWindow.Total, maxCost: RequestsOfARace * 8),
            Limit(SpendScope.Tenant, SpendWindow.Day(), maxCost: RequestsOfARace * 4),
            User(maxCost: RequestsOfARace * 3 / 4, SpendWindow.Rolling(TimeSpan.FromHours(1))),
            new() { Scope = SpendScope.Model, MaxTokens = RequestsOfARace * 12 },
        ];
        var (billed, rounded, calls, refused, watching) = (0m, 0L, 0, 0, 1);
        var gate = new Lock();
        var watcher = Task.Run(async () =>
        {
            while (Volatile.Read(ref watching) == 1)
            {
                await AssertWithinCapsAsync(limits, seed);
                await Task.Yield();
            }
        }, Token);

        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(unchecked(seed + (caller * 7919)));
            for (var i = 0; i < RequestsOfARace / callers; i++)
            {
                var id = $"{caller}/{i}";
                var account = new SpendAccount { TenantId = $"t{random.Next(2)}", UserId = $"u{random.Next(6)}", Model = $"m{random.Next(2)}" };
                var worst = random.Next(1, 60);
                if (!(await Ledger.ReserveAsync(Reservation(id, worst, limits, account), Token)).IsGranted)
                {
                    Interlocked.Increment(ref refused);
                    Assert.False(await SettleAsync(id, 1), $"seed {seed}");
                    continue;
                }

                if (random.Next(3) == 0)
                {
                    await Task.Yield();
                    await Ledger.RenewAsync(id, 1, Nanos(worst / 2), Lease, Token);
                }

                // Failed and cancelled requests cost too, at most what was reserved; fractions of a nano are rounded up once.
                var cost = random.Next(4) == 0 ? 0 : Nanos(worst) * (decimal)random.NextDouble();
                var settlement = new SpendSettlement { Id = id, InputTokens = 12, OutputTokens = random.Next(9), Cost = cost, Outcome = (SpendOutcome)random.Next(4) };
                var settled = await Task.WhenAll(Ledger.SettleAsync(settlement, Token).AsTask(), Ledger.SettleAsync(settlement, Token).AsTask());
                Assert.True(settled[0].IsSettled != settled[1].IsSettled, $"seed {seed}: settled {settled.Count(static done => done.IsSettled)} times");
                lock (gate)
                {
                    billed += cost;
                    rounded += (long)decimal.Ceiling(cost * 1_000_000_000m);
                    calls++;
                }
            }
        }, Token)));
        Volatile.Write(ref watching, 0);
        await watcher;

        var sum = await SumAsync();
        Assert.True((sum.Cost, sum.Calls) == (billed, calls), $"seed {seed}: the ledger has {sum.Cost} of {sum.Calls}, billed were {billed} of {calls}");
        var all = Assert.Single(await Ledger.GetBalancesAsync(Ann, [limits[0]], Token));
        Assert.True((all.SettledCostNanos, all.HeldCostNanos) == (rounded, 0), $"seed {seed}: {all.SettledCostNanos} settled of {rounded}, {all.HeldCostNanos} held");
        Assert.True(refused > 0 && calls > 0, $"seed {seed}: {calls} calls, {refused} refused");
    }

    private async Task AssertWithinCapsAsync(SpendLimit[] limits, int seed)
    {
        for (var user = 0; user < 6; user++)
        {
            var account = new SpendAccount { TenantId = $"t{user % 2}", UserId = $"u{user}", Model = $"m{user % 2}" };
            foreach (var balance in await Ledger.GetBalancesAsync(account, limits, Token))
            {
                var (cost, tokens) = (balance.SettledCostNanos + balance.HeldCostNanos, balance.SettledTokens + balance.HeldTokens);
                Assert.True(cost <= (balance.Limit.MaxCostNanos ?? long.MaxValue), $"seed {seed}: {cost} of {balance.Limit.MaxCostNanos} in {balance.Limit.Scope}");
                Assert.True(tokens <= (balance.Limit.MaxTokens ?? long.MaxValue), $"seed {seed}: {tokens} of {balance.Limit.MaxTokens} in {balance.Limit.Scope}");
                Assert.True(balance.HeldCostNanos >= 0 && balance.SettledCostNanos >= 0, $"seed {seed}: a negative balance in {balance.Limit.Scope}");
            }
        }
    }
}
