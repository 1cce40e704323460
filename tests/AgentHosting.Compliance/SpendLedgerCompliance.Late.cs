using AgentHosting.SpendLedgers;
using Xunit;

namespace AgentHosting.Compliance;

/// <summary>Settlements that come after the ledger has charged by estimate.</summary>
public abstract partial class SpendLedgerCompliance
{
    [Theory]
    [InlineData(12)]
    [InlineData(30)]
    [InlineData(45)]
    public async Task Settle_AfterItsLeaseEnded_CorrectsTheEstimateOnce(long cost)
    {
        var (user, all) = (User(maxCost: 100), Limit(SpendScope.Global, SpendWindow.Total, maxCost: 1000));
        var late = await GrantedAsync(cost: 30, user, all);
        await AdvanceAsync(Lease * 1.5);
        Assert.Equal(1, (await Ledger.SweepAsync(100, Token)).Charged);

        var result = await SettlementAsync(late, cost);

        Assert.True(result is { IsSettled: true, IsCorrection: true });
        AssertBalance(await BalanceAsync(user), settled: cost, held: 0, calls: 1);
        AssertBalance(await BalanceAsync(all), settled: cost, held: 0, calls: 1);
        Assert.Equal(16, (await BalanceAsync(user)).SettledTokens);
        Assert.False(await SettleAsync(late, cost: 99));
        AssertBalance(await BalanceAsync(user), settled: cost, held: 0, calls: 1);
        var sum = await SumAsync();
        Assert.Equal((1, 0, Nanos(cost), 12, 4), (sum.Calls, sum.EstimatedCalls, sum.Cost, sum.InputTokens, sum.OutputTokens));
        var row = Assert.Single(await Ledger.GetRowsAsync(new SpendQuery(), 10, Token)).Settlement;
        Assert.Equal((late, SpendOutcome.Completed, false, Nanos(cost)), (row.Id, row.Outcome, row.IsEstimated, row.Cost));
    }

    [Fact]
    public async Task Settle_AfterALaterAttemptTookItsPlace_ChargesWhatItCostBeyondTheEstimate()
    {
        var limit = User(maxCost: 100);
        await Ledger.ReserveAsync(Reservation("r/3/1.1", 40, [limit], step: "r/3", attempt: 1), Token);
        await Ledger.ReserveAsync(Reservation("r/3/2.1", 30, [limit], step: "r/3", attempt: 2), Token);
        AssertBalance(await BalanceAsync(limit), settled: 20, held: 30, calls: 2);

        Assert.True((await SettlementAsync("r/3/1.1", cost: 37)).IsCorrection);

        AssertBalance(await BalanceAsync(limit), settled: 37, held: 30, calls: 2);
        Assert.False((await SettlementAsync("r/3/2.1", cost: 30)).IsCorrection);
        Assert.Equal((0, 2, Nanos(67)), ((await SumAsync()).EstimatedCalls, (await SumAsync()).Calls, (await SumAsync()).Cost));
    }

    [Fact]
    public async Task Settle_LateAndAfterItsRollingWindow_LeavesTheNextAlone()
    {
        var limit = User(maxCost: 100, SpendWindow.Rolling(TimeSpan.FromSeconds(4)));
        var late = await GrantedAsync(cost: 30, limit);
        await AdvanceAsync(Lease * 1.5);
        await Ledger.SweepAsync(100, Token);
        await GrantedAsync(cost: 100, limit);

        Assert.True(await SettleAsync(late, cost: 80));

        AssertBalance(await BalanceAsync(limit), settled: 0, held: 100, calls: 1);
        Assert.Equal(Nanos(80), (await SumAsync()).Cost);
    }

    [Fact]
    public async Task Settle_LateAndAboveAnAlertRatio_TellsIt()
    {
        var limit = new SpendLimit { Scope = SpendScope.User, MaxCostNanos = 100, AlertRatios = [0.5] };
        var late = await GrantedAsync(cost: 30, limit);
        await AdvanceAsync(Lease * 1.5);
        Assert.Empty((await Ledger.SweepAsync(100, Token)).Crossings);

        var told = Assert.Single((await SettlementAsync(late, cost: 60)).Crossings);

        Assert.Equal((0.5, 60), (told.Ratio, told.Settled));
        Assert.Empty((await SettlementAsync(late, cost: 60)).Crossings);
    }

    [Fact]
    public async Task Settle_RandomlyLateOrNever_DifferenceToTheBillIsWhatIsMarkedEstimated()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var limit = Limit(SpendScope.Global, SpendWindow.Total, maxCost: 1_000_000);
        var (billed, open) = (0m, new Dictionary<string, decimal>());
        for (var i = 0; i < 400; i++)
        {
            var (id, worst, step) = ($"c{i}", random.Next(2, 60), $"r/{random.Next(20)}");
            Assert.True((await Ledger.ReserveAsync(Reservation(id, worst, [limit], step: step, attempt: i), Token)).IsGranted);
            // Some cost more than was reserved, as those of a provider that does not keep to it.
            var cost = Nanos(worst) * (decimal)random.NextDouble() * 1.2m;
            (billed, open[id]) = (billed + cost, cost);
            if (random.Next(10) == 0)
            {
                await AdvanceAsync(Lease / 2);
                await Ledger.SweepAsync(100, Token);
            }

            foreach (var (late, paid) in open.ToArray())
            {
                if (random.Next(20) == 0)
                {
                    var settlement = new SpendSettlement { Id = late, InputTokens = 12, OutputTokens = 3, Cost = paid };
                    var results = await Task.WhenAll(Ledger.SettleAsync(settlement, Token).AsTask(), Ledger.SettleAsync(settlement, Token).AsTask());
                    Assert.True(results.Count(static result => result.IsSettled) == 1, $"seed {seed}: {late} was settled not once");
                    open.Remove(late);
                }
            }
        }

        await AdvanceAsync(Lease * 2);
        while ((await Ledger.SweepAsync(100, Token)).Charged > 0)
        {
        }

        var rows = await Ledger.GetRowsAsync(new SpendQuery(), 1000, Token);
        var difference = 0m;
        foreach (var row in rows.Where(static row => row.Settlement.IsEstimated))
        {
            Assert.True(open.Remove(row.Settlement.Id, out var paid), $"seed {seed}: {row.Settlement.Id} is marked, and was settled");
            difference += row.Settlement.Cost!.Value - paid;
        }

        var sum = await SumAsync();
        var rounded = rows.Sum(static row => (long)decimal.Ceiling(row.Settlement.Cost!.Value * 1_000_000_000m));
        Assert.True(open.Count == 0, $"seed {seed}: {open.Count} were never charged");
        Assert.True(sum.Cost - billed == difference && rows.Count == 400, $"seed {seed}: off by {sum.Cost - billed}, marked are {difference} in {rows.Count} rows");
        AssertBalance(Assert.Single(await Ledger.GetBalancesAsync(Ann, [limit], Token)), settled: rounded, held: 0, calls: 400);
        Assert.True(sum.EstimatedCalls is > 0 and < 400, $"seed {seed}: {sum.EstimatedCalls} are marked");
    }
}
