using AgentHosting.SpendLedgers;
using Xunit;

namespace AgentHosting.Compliance;

public abstract partial class SpendLedgerCompliance
{
    [Fact]
    public async Task Reserve_RollingWindow_ForgetsWhatIsOlderAndNoSooner()
    {
        var limit = User(maxCost: 100, SpendWindow.Rolling(TimeSpan.FromSeconds(60)));
        await SettleAsync(await GrantedAsync(cost: 100, limit), cost: 100);
        await AdvanceAsync(TimeSpan.FromSeconds(59.5));

        var refusal = (await ReserveAsync(cost: 1, limit)).Refusal;
        Assert.NotNull(refusal?.ResetsAt);
        await AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.True((await ReserveAsync(cost: 100, limit)).IsGranted);
    }

    [Fact]
    public async Task Settle_AfterItsRollingWindow_LeavesTheNextAlone()
    {
        var limit = User(maxCost: 100, SpendWindow.Rolling(TimeSpan.FromSeconds(4)));
        var late = await GrantedAsync(cost: 80, limit);
        await AdvanceAsync(TimeSpan.FromSeconds(6));
        await GrantedAsync(cost: 100, limit);

        Assert.True(await SettleAsync(late, cost: 80));

        AssertBalance(await BalanceAsync(limit), settled: 0, held: 100, calls: 1);
        Assert.Equal(Nanos(80), (await SumAsync()).Cost);
    }

    [Fact]
    public async Task Reserve_RandomSpendInARollingWindow_NeverPassesTheCapInAnyStretch()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var length = TimeSpan.FromSeconds(12);
        var limit = User(maxCost: 100, SpendWindow.Rolling(length));
        var spent = new List<(TimeSpan At, long Cost)>();
        var now = TimeSpan.Zero;
        for (var i = 0; i < 300; i++)
        {
            var step = TimeSpan.FromMilliseconds(random.Next(0, 1500));
            await AdvanceAsync(step);
            now += step;
            var cost = random.Next(1, 40);
            if ((await ReserveAsync(cost, limit)).IsGranted)
            {
                await SettleAsync($"call {_ids}", cost);
                spent.Add((now, cost));
            }

            var inWindow = spent.Where(entry => entry.At > now - length).Sum(static entry => entry.Cost);
            Assert.True(inWindow <= 100, $"seed {seed}, step {i}: {inWindow} within {length}");
        }

        Assert.True(spent.Count > 50, $"seed {seed}: only {spent.Count} were granted");
    }
}
