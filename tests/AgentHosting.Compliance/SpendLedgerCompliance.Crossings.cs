using AgentHosting.SpendLedgers;
using Xunit;

namespace AgentHosting.Compliance;

public abstract partial class SpendLedgerCompliance
{
    private static SpendLimit Alerting(long maxCost, SpendScope scope = SpendScope.User, SpendWindow? window = null) =>
        new() { Scope = scope, Window = window ?? SpendWindow.Total, MaxCostNanos = maxCost, AlertRatios = [0.5, 0.8, 1] };

    private static IReadOnlyList<double> Ratios(IReadOnlyList<SpendCrossing> crossings) =>
        [.. crossings.Select(static crossing => crossing.Ratio)];

    private async Task<IReadOnlyList<double>> SpendAsync(long cost, params SpendLimit[] limits) => Ratios((await SettlementAsync(await GrantedAsync(cost, limits), cost)).Crossings);

    [Fact]
    public async Task Settle_ReachesAlertRatios_TellsEachOnce()
    {
        var limit = Alerting(maxCost: 100);
        Assert.Empty(await SpendAsync(49, limit));

        var crossing = Assert.Single((await SettlementAsync(await GrantedAsync(cost: 30, limit), cost: 1)).Crossings);

        Assert.Same(limit, crossing.Limit);
        Assert.Equal(
            (0.5, SpendUnit.Cost, 100, 50, "ann", "acme", null),
            (crossing.Ratio, crossing.Unit, crossing.Cap, crossing.Settled, crossing.ScopeId, crossing.TenantId, crossing.ResetsAt));
        Assert.Equal((await BalanceAsync(limit)).Period, crossing.Period);
        Assert.Empty(await SpendAsync(29, limit));
        Assert.Equal([0.8], await SpendAsync(20, limit));
        Assert.Equal([1], await SpendAsync(1, limit));
    }

    [Fact]
    public async Task Settle_PassesSeveralAlertRatios_TellsEach()
    {
        var limit = Alerting(maxCost: 100);

        Assert.Equal([0.5, 0.8, 1], await SpendAsync(100, limit));
    }

    [Fact]
    public async Task Settle_NoAlertRatios_TellsNothing()
    {
        Assert.Empty(await SpendAsync(100, User(maxCost: 100)));
    }

    [Fact]
    public async Task Settle_CallScope_IsNeverTold()
    {
        var limit = Alerting(maxCost: 100, SpendScope.Call);
        Assert.Empty(await SpendAsync(100, limit));

        Assert.Empty((await ReserveAsync(cost: 101, limit)).Crossings);
    }

    [Fact]
    public async Task Settle_OtherUnits_AreTold()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxTokens = 64, MaxCalls = 4, AlertRatios = [0.5] };
        Assert.Empty(await SpendAsync(1, limit));

        var crossings = (await SettlementAsync(await GrantedAsync(cost: 1, limit), cost: 1)).Crossings;

        Assert.Equal([(SpendUnit.Tokens, 64L, 32L), (SpendUnit.Calls, 4L, 2L)], crossings.Select(static crossing => (crossing.Unit, crossing.Cap, crossing.Settled)));
    }

    [Fact]
    public async Task Settle_ShareOfACapThatIsNoBinaryFraction_IsExact()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCostNanos = 100, AlertRatios = [0.07] };
        Assert.Empty(await SpendAsync(6, limit));

        Assert.Equal([0.07], await SpendAsync(1, limit));
    }

    [Fact]
    public async Task Settle_TwoCapsOnOneCounter_EachIsTold()
    {
        var (soft, hard) = (Alerting(maxCost: 60), Alerting(maxCost: 100));
        var crossings = (await SettlementAsync(await GrantedAsync(cost: 50, soft, hard), cost: 50)).Crossings;

        Assert.Equal([(60L, 0.5), (60L, 0.8), (100L, 0.5)], crossings.Select(static crossing => (crossing.Cap, crossing.Ratio)));
    }

    [Fact]
    public async Task Settle_AnotherCap_IsToldAnewAndTheSameIsNot()
    {
        Assert.Equal([0.5], await SpendAsync(50, Alerting(maxCost: 100)));
        Assert.Empty(await SpendAsync(1, Alerting(maxCost: 100)));

        Assert.Equal([0.5], await SpendAsync(9, Alerting(maxCost: 120)));
    }

    [Fact]
    public async Task Settle_UsersOfTwoTenants_AreToldApart()
    {
        var limit = Alerting(maxCost: 100);
        Assert.Equal([0.5], await SpendAsync(50, limit));
        await Ledger.ReserveAsync(Reservation("other", cost: 50, [limit], new SpendAccount { TenantId = "globex", UserId = "ann" }), Token);

        var crossing = Assert.Single((await SettlementAsync("other", cost: 50)).Crossings);

        Assert.Equal(("ann", "globex"), (crossing.ScopeId, crossing.TenantId));
    }

    [Fact]
    public async Task Settle_Twice_TellsOnce()
    {
        var id = await GrantedAsync(cost: 60, Alerting(maxCost: 100));
        Assert.Single((await SettlementAsync(id, cost: 60)).Crossings);

        Assert.Empty((await SettlementAsync(id, cost: 60)).Crossings);
    }

    [Fact]
    public async Task Settle_RollingWindow_TellsNotAgainBeforeItsLengthHasPassed()
    {
        var limit = Alerting(maxCost: 100, window: SpendWindow.Rolling(TimeSpan.FromSeconds(60)));
        Assert.Equal([0.5], await SpendAsync(50, limit));
        await AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([0.8], await SpendAsync(40, limit));
        await AdvanceAsync(TimeSpan.FromSeconds(32));
        Assert.Equal([0.5], await SpendAsync(15, limit));
        await AdvanceAsync(TimeSpan.FromSeconds(20));

        // 90 of 100, but eighty per cent were told 52 seconds ago.
        Assert.Empty(await SpendAsync(35, limit));
        await AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([0.8], await SpendAsync(30, limit));
    }

    [Fact]
    public async Task Settle_RollingWindowPassedSinceItWasTold_TellsItAgainAtOnce()
    {
        var limit = new SpendLimit { Scope = SpendScope.User, Window = SpendWindow.Rolling(TimeSpan.FromSeconds(6)), MaxCostNanos = 120, AlertRatios = [0.5] };
        Assert.Equal([0.5], await SpendAsync(60, limit));
        await AdvanceAsync(TimeSpan.FromSeconds(3));
        var open = await GrantedAsync(cost: 60, limit);
        await AdvanceAsync(TimeSpan.FromSeconds(3.2));

        // Nothing has looked at the limit since the first 60 were forgotten.
        Assert.Equal([0.5], Ratios((await SettlementAsync(open, cost: 60)).Crossings));
    }

    [Fact]
    public async Task Settle_AfterItsRollingWindow_TellsNothing()
    {
        var limit = Alerting(maxCost: 100, window: SpendWindow.Rolling(TimeSpan.FromSeconds(4)));
        var late = await GrantedAsync(cost: 80, limit);
        await AdvanceAsync(TimeSpan.FromSeconds(6));

        Assert.Empty((await SettlementAsync(late, cost: 80)).Crossings);
    }

    [Fact]
    public async Task Reserve_RefusedForWhatIsHeld_TellsTheCapAsUsedUpOnce()
    {
        var limit = Alerting(maxCost: 100);
        var held = await GrantedAsync(cost: 100, limit);

        var refused = await ReserveAsync(cost: 10, limit);

        Assert.False(refused.IsGranted);
        Assert.Equal([0.5, 0.8, 1], Ratios(refused.Crossings));
        Assert.All(refused.Crossings, static crossing => Assert.Equal(0, crossing.Settled));
        Assert.Empty((await ReserveAsync(cost: 10, limit)).Crossings);
        Assert.Empty((await SettlementAsync(held, cost: 100)).Crossings);
    }

    [Fact]
    public async Task Reserve_RefusedByOneOfTwo_TellsThatOneAlone()
    {
        var (user, all) = (Alerting(maxCost: 100), Alerting(maxCost: 1000, SpendScope.Global));
        await GrantedAsync(cost: 100, user, all);

        Assert.All((await ReserveAsync(cost: 10, all, user)).Crossings, crossing => Assert.Same(user, crossing.Limit));
    }

    [Fact]
    public async Task Reserve_RefusedButAsksAgainForLess_TellsNothing()
    {
        var limit = Alerting(maxCost: 100);
        var reservation = new SpendReservation
        {
            Id = "first", Account = Ann, Limits = [limit], InputTokens = 12, MaxOutputTokens = 8, MaxCost = Nanos(60), Lease = Lease, IsFinal = false,
        };
        await GrantedAsync(cost: 50, limit);

        var result = await Ledger.ReserveAsync(reservation, Token);

        Assert.Equal((false, 0), (result.IsGranted, result.Crossings.Count));
    }

    [Fact]
    public async Task Reserve_LargerThanTheWholeCap_TellsNothing() =>
        Assert.Empty((await ReserveAsync(cost: 101, Alerting(maxCost: 100))).Crossings);

    [Fact]
    public async Task Reserve_LaterAttemptChargesTheEarlier_TellsWhatThatReached()
    {
        var limit = Alerting(maxCost: 100);
        await Ledger.ReserveAsync(Reservation("r/3/1.1", 100, [limit], step: "r/3", attempt: 1), Token);

        var result = await Ledger.ReserveAsync(Reservation("r/3/2.1", 10, [limit], step: "r/3", attempt: 2), Token);

        Assert.True(result.IsGranted);
        Assert.Equal([0.5], Ratios(result.Crossings));
    }

    [Fact]
    public async Task Sweep_ChargesInFull_TellsWhatThatReached()
    {
        await GrantedAsync(cost: 80, Alerting(maxCost: 100));
        await AdvanceAsync(Lease * 1.5);

        Assert.Equal([0.5, 0.8], Ratios((await Ledger.SweepAsync(100, Token)).Crossings));
    }

    [Fact]
    public async Task Race_ManySettleAtOnce_EachRatioIsToldExactlyOnce()
    {
        for (var round = 0; round < 20; round++)
        {
            var limits = new[] { Alerting(maxCost: 640, SpendScope.Run), Alerting(maxCost: 64_000, SpendScope.Session) };
            var account = new SpendAccount { RunId = $"run {round}", SessionId = $"session {round}" };
            var ids = Enumerable.Range(0, 64).Select(i => $"{round}/{i}").ToArray();
            foreach (var id in ids)
            {
                Assert.True((await Ledger.ReserveAsync(Reservation(id, cost: 10, limits, account), Token)).IsGranted);
            }

            using var start = new Barrier(8);
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Factory.StartNew(
                async () =>
                {
                    start.SignalAndWait(Token);
                    return await Task.WhenAll(ids.Where((_, i) => i % 8 == worker).SelectMany(id => new[] { SettlementAsync(id, 10), SettlementAsync(id, 10) }));
                },
                Token,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap()));

            var told = results.SelectMany(static result => result).SelectMany(static result => result.Crossings).ToArray();
            Assert.Equal([0.5, 0.8, 1], told.Select(static crossing => crossing.Ratio).Order());
            Assert.All(told, static crossing => Assert.InRange(crossing.Settled, crossing.Ratio * 640, (crossing.Ratio * 640) + 9));
        }
    }
}
