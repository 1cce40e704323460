using AgentHosting.SpendLedgers;
using Xunit;

namespace AgentHosting.Compliance;

/// <summary>What every ledger does. A subclass gives the ledger and moves its clock.</summary>
public abstract partial class SpendLedgerCompliance
{
    private readonly Lazy<ISpendLedger> _ledger;
    private int _ids;

    protected SpendLedgerCompliance() => _ledger = new Lazy<ISpendLedger>(CreateLedger);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected ISpendLedger Ledger => _ledger.Value;

    /// <summary>A ledger that holds nothing.</summary>
    protected abstract ISpendLedger CreateLedger();

    /// <summary>Lets time pass for the ledger.</summary>
    protected abstract Task AdvanceAsync(TimeSpan time);

    [Fact]
    public async Task Reserve_WithinTheCap_HoldsAndSettlesWhatItCost()
    {
        var limit = User(maxCost: 100);
        var id = await GrantedAsync(cost: 60, limit);
        AssertBalance(await BalanceAsync(limit), settled: 0, held: 60, calls: 1);

        Assert.True(await SettleAsync(id, cost: 25));

        AssertBalance(await BalanceAsync(limit), settled: 25, held: 0, calls: 1);
    }

    [Fact]
    public async Task Reserve_PastTheCap_IsRefusedAndChangesNothing()
    {
        var (user, all) = (User(maxCost: 100), Limit(SpendScope.Global, SpendWindow.Total, maxCost: 1000));
        await SettleAsync(await GrantedAsync(cost: 30, user, all), cost: 30);
        await GrantedAsync(cost: 50, user, all);

        var refusal = (await ReserveAsync(cost: 21, all, user)).Refusal;

        Assert.NotNull(refusal);
        Assert.Same(user, refusal.Limit);
        Assert.Equal((SpendUnit.Cost, 100, 80, 21, "ann"), (refusal.Unit, refusal.Cap, refusal.Used, refusal.Requested, refusal.ScopeId));
        AssertBalance(await BalanceAsync(all), settled: 30, held: 50, calls: 2);
        Assert.True((await ReserveAsync(cost: 20, all, user)).IsGranted);
    }

    [Theory]
    [InlineData(SpendUnit.Tokens)]
    [InlineData(SpendUnit.Calls)]
    public async Task Reserve_OtherUnits_AreCapped(SpendUnit unit)
    {
        var limit = new SpendLimit { Scope = SpendScope.Run, MaxTokens = unit == SpendUnit.Tokens ? 40 : null, MaxCalls = unit == SpendUnit.Calls ? 2 : null };
        await GrantedAsync(cost: 1, limit);
        await GrantedAsync(cost: 1, limit);

        var refusal = (await ReserveAsync(cost: 1, limit)).Refusal;

        Assert.Equal(unit, refusal?.Unit);
        Assert.Null(refusal!.ResetsAt);
    }

    [Fact]
    public async Task Reserve_CallScope_ChecksTheRequestAlone()
    {
        var limit = Limit(SpendScope.Call, SpendWindow.Total, maxCost: 10);
        await GrantedAsync(cost: 10, limit);
        await GrantedAsync(cost: 10, limit);

        Assert.Equal(11, (await ReserveAsync(cost: 11, limit)).Refusal?.Requested);
    }

    [Fact]
    public async Task Reserve_ScopeThatDoesNotApply_IsPassedOver()
    {
        var limit = Limit(SpendScope.Session, SpendWindow.Total, maxCost: 1);

        Assert.True((await ReserveAsync(cost: 5, limit)).IsGranted);
    }

    [Fact]
    public async Task Reserve_SameIdAgain_IsGrantedOnce()
    {
        var limit = User(maxCost: 100);
        var reservation = Reservation("same", cost: 60, limit);

        Assert.True((await Ledger.ReserveAsync(reservation, Token)).IsGranted);
        Assert.True((await Ledger.ReserveAsync(reservation, Token)).IsGranted);

        AssertBalance(await BalanceAsync(limit), settled: 0, held: 60, calls: 1);
    }

    [Fact]
    public async Task Reserve_TwoLimitsOfOneScopeAndWindow_CountOnce()
    {
        var (soft, hard) = (User(maxCost: 100), new SpendLimit { Scope = SpendScope.User, MaxCalls = 2 });
        await GrantedAsync(cost: 10, soft, hard);

        AssertBalance(await BalanceAsync(soft), settled: 0, held: 10, calls: 1);
    }

    [Fact]
    public async Task Reserve_UserOfAnotherTenant_IsAnotherUser()
    {
        var limit = User(maxCost: 100);
        await GrantedAsync(cost: 100, limit);

        var other = await Ledger.ReserveAsync(
            Reservation("other", cost: 100, [limit], new SpendAccount { TenantId = "globex", UserId = "ann" }), Token);

        Assert.True(other.IsGranted);
    }

    [Theory]
    [InlineData(SpendScope.Tenant)]
    [InlineData(SpendScope.User)]
    [InlineData(SpendScope.Session)]
    public async Task Reserve_UserWithoutATenant_IsNoTenantOfItsName(SpendScope scope)
    {
        var limit = Limit(scope, SpendWindow.Total, maxCost: 100);
        var alone = new SpendAccount { UserId = "acme", SessionId = "s" };
        var within = new SpendAccount { TenantId = "acme", UserId = "acme", SessionId = "s" };

        Assert.True((await Ledger.ReserveAsync(Reservation("alone", cost: 100, [limit], alone), Token)).IsGranted);
        Assert.True((await Ledger.ReserveAsync(Reservation("within", cost: 100, [limit], within), Token)).IsGranted);

        Assert.Equal("acme", (await Ledger.ReserveAsync(Reservation("more", cost: 1, [Limit(SpendScope.Tenant, SpendWindow.Total, 0)], alone), Token)).Refusal?.ScopeId);
        Assert.False((await Ledger.ReserveAsync(Reservation("again", cost: 1, [limit], alone), Token)).IsGranted);
        Assert.False((await Ledger.ReserveAsync(Reservation("and again", cost: 1, [limit], within), Token)).IsGranted);
        var another = new SpendAccount { UserId = "bob", SessionId = "s" };
        Assert.True((await Ledger.ReserveAsync(Reservation("another", cost: 100, [limit], another), Token)).IsGranted);
    }

    [Fact]
    public async Task Reserve_AnotherCap_ForgetsNothing()
    {
        await SettleAsync(await GrantedAsync(cost: 60, User(maxCost: 100)), cost: 60);

        Assert.Equal(60, (await ReserveAsync(cost: 1, User(maxCost: 60))).Refusal?.Used);
        Assert.True((await ReserveAsync(cost: 60, User(maxCost: 120))).IsGranted);
    }

    [Fact]
    public async Task Settle_Twice_CountsOnce()
    {
        var limit = User(maxCost: 100);
        var id = await GrantedAsync(cost: 60, limit);

        Assert.True(await SettleAsync(id, cost: 40));
        Assert.False(await SettleAsync(id, cost: 40));

        AssertBalance(await BalanceAsync(limit), settled: 40, held: 0, calls: 1);
        Assert.Equal(1, (await SumAsync()).Calls);
    }

    [Fact]
    public async Task Settle_NeverReserved_IsFalse() => Assert.False(await SettleAsync("unknown", cost: 1));

    [Fact]
    public async Task Settle_FractionsOfANano_AreRoundedUpInCountersAndExactInRows()
    {
        var limit = User(maxCost: 100);
        var id = await GrantedAsync(cost: 10, limit);

        Assert.True((await Ledger.SettleAsync(new SpendSettlement { Id = id, Cost = 0.0000000012m }, Token)).IsSettled);

        AssertBalance(await BalanceAsync(limit), settled: 2, held: 0, calls: 1);
        Assert.Equal(0.0000000012m, (await SumAsync()).Cost);
    }

    [Fact]
    public async Task Sweep_LeaseEnded_ChargesInFull()
    {
        var limit = User(maxCost: 100);
        var (lost, kept) = (await GrantedAsync(cost: 30, limit), await GrantedAsync(cost: 20, limit));
        await AdvanceAsync(Lease / 2);
        Assert.True(await Ledger.RenewAsync(kept, 3, Nanos(5), Lease, Token));
        await AdvanceAsync(Lease * 0.6);

        Assert.Equal(1, (await Ledger.SweepAsync(100, Token)).Charged);

        AssertBalance(await BalanceAsync(limit), settled: 30, held: 20, calls: 2);
        Assert.Equal(1, (await SumAsync()).EstimatedCalls);
        var row = (await Ledger.GetRowsAsync(new SpendQuery(), 10, Token))[0].Settlement;
        Assert.Equal((lost, SpendOutcome.Expired), (row.Id, row.Outcome));
    }

    [Fact]
    public async Task Reserve_LaterAttemptOfAStep_ChargesWhatTheEarlierOneHadSeen()
    {
        var limit = User(maxCost: 100);
        await Ledger.ReserveAsync(Reservation("r/3/1.1", 40, [limit], step: "r/3", attempt: 1), Token);
        await Ledger.ReserveAsync(Reservation("r/3/1.2", 20, [limit], step: "r/3", attempt: 1), Token);
        await Ledger.RenewAsync("r/3/1.1", 7, Nanos(17), Lease, Token);

        await Ledger.ReserveAsync(Reservation("r/3/2.1", 30, [limit], step: "r/3", attempt: 2), Token);

        // The second had seen its input alone, half of its worst case.
        AssertBalance(await BalanceAsync(limit), settled: 27, held: 30, calls: 3);
        Assert.Equal((2, Nanos(27)), ((await SumAsync()).EstimatedCalls, (await SumAsync()).Cost));
    }

    [Fact]
    public async Task Reserve_SameAttemptOfAStep_LeavesItsSiblingsAlone()
    {
        var limit = User(maxCost: 100);
        await Ledger.ReserveAsync(Reservation("r/3/1.1", 40, [limit], step: "r/3", attempt: 1), Token);
        await Ledger.ReserveAsync(Reservation("r/3/1.2", 40, [limit], step: "r/3", attempt: 1), Token);

        AssertBalance(await BalanceAsync(limit), settled: 0, held: 80, calls: 2);
    }

    [Fact]
    public async Task Query_Groups_AddUpExactly()
    {
        await SpendAsync("ann", "mini", 10);
        await SpendAsync("ann", "large", 100);
        await SpendAsync("bob", "mini", 7);

        Assert.Equal([("ann", Nanos(110)), ("bob", Nanos(7))], await GroupsAsync(new SpendQuery { GroupBy = SpendGrouping.User }));
        Assert.Equal([("large", Nanos(100)), ("mini", Nanos(17))], await GroupsAsync(new SpendQuery { GroupBy = SpendGrouping.Model }));
        Assert.Equal([("mini", Nanos(10))], await GroupsAsync(new SpendQuery { UserId = "ann", Model = "mini", GroupBy = SpendGrouping.Model }));
        Assert.Equal([("", Nanos(117))], await GroupsAsync(new SpendQuery()));
        Assert.Single(await GroupsAsync(new SpendQuery { GroupBy = SpendGrouping.Day }));
        Assert.Equal(2, (await Ledger.GetRowsAsync(new SpendQuery { UserId = "ann" }, 10, Token)).Count);
        Assert.Single(await Ledger.GetRowsAsync(new SpendQuery { UserId = "ann" }, 1, Token));
    }

    [Fact]
    public async Task Query_ByUser_TellsTenantsApart()
    {
        await SpendAsync("ann", "mini", 10);
        await SpendAsync("ann", "mini", 20, tenant: "acme");
        await SpendAsync("ann", "large", 30, tenant: "acme");

        var groups = await Ledger.QueryAsync(new SpendQuery { GroupBy = SpendGrouping.User }, Token);

        Assert.Equal([(null, "ann", Nanos(10)), ("acme", "ann", Nanos(50))], groups.Select(static group => (group.TenantId, group.Key, group.Cost)));
    }

    private async Task SpendAsync(string user, string model, long cost, string? tenant = null)
    {
        var id = $"{tenant}/{user}/{model}";
        Assert.True((await Ledger.ReserveAsync(Reservation(id, cost, [], new SpendAccount { TenantId = tenant, UserId = user, Model = model }), Token)).IsGranted);
        await SettleAsync(id, cost);
    }

    private async Task<List<(string, decimal)>> GroupsAsync(SpendQuery query) =>
        [.. (await Ledger.QueryAsync(query, Token)).Select(static group => (group.Key, group.Cost))];
}
