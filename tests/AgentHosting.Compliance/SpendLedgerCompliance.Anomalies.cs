using AgentHosting.SpendLedgers;
using Xunit;

namespace AgentHosting.Compliance;

public abstract partial class SpendLedgerCompliance
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private static SpendAnomalyRule Rule(SpendScope scope = SpendScope.User, int periods = 4) =>
        new() { Scope = scope, Period = Period, BaselinePeriods = periods, Factor = 3, MinCostNanos = 20 };

    private async Task<IReadOnlyList<SpendAnomaly>> SpendWatchedAsync(long cost, SpendAccount? account = null, params SpendAnomalyRule[] rules)
    {
        var id = $"watched {++_ids}";
        var plain = Reservation(id, cost);
        Assert.Null((await Ledger.ReserveAsync(
            new SpendReservation
            {
                Id = id,
                Account = account ?? Ann,
                Limits = [],
                AnomalyRules = rules,
                InputTokens = plain.InputTokens,
                MaxOutputTokens = plain.MaxOutputTokens,
                InputCost = plain.InputCost,
                MaxCost = plain.MaxCost,
                Lease = Lease,
            },
            Token)).Refusal);
        return (await SettlementAsync(id, cost)).Anomalies;
    }

    private async Task SpendUsuallyAsync(int periods, SpendAnomalyRule rule, SpendAccount? account = null)
    {
        for (var period = 0; period < periods; period++)
        {
            Assert.Empty(await SpendWatchedAsync(10, account, rule));
            await AdvanceAsync(Period);
        }
    }

    [Fact]
    public async Task Settle_FarAboveTheUsual_IsToldOnceInAPeriod()
    {
        var rule = Rule();
        await SpendUsuallyAsync(4, rule);
        Assert.Empty(await SpendWatchedAsync(30, null, rule));

        var anomaly = Assert.Single(await SpendWatchedAsync(1, null, rule));

        Assert.Equal((31L, 10L, "ann", "acme"), (anomaly.SpentNanos, anomaly.UsualNanos, anomaly.ScopeId, anomaly.TenantId));
        Assert.Equal(rule, anomaly.Rule);
        Assert.InRange(anomaly.ResetsAt, anomaly.At, anomaly.At + Period);
        Assert.Empty(await SpendWatchedAsync(100, null, rule));
        await AdvanceAsync(Period);

        // What was unusual is part of the usual now: (10 + 10 + 10 + 131) / 4.
        Assert.Empty(await SpendWatchedAsync(120, null, rule));
        Assert.Equal(40, Assert.Single(await SpendWatchedAsync(1, null, rule)).UsualNanos);
    }

    [Fact]
    public async Task Settle_NothingToCompareWith_IsNotToldOfAnomalies()
    {
        var rule = Rule(periods: 8);
        Assert.Empty(await SpendWatchedAsync(1_000, null, rule));
        await AdvanceAsync(Period);

        // A quarter of eight periods must have passed.
        Assert.Empty(await SpendWatchedAsync(1_000_000, null, rule));
    }

    [Fact]
    public async Task Settle_ManyTimesATrifle_IsNotToldOfAnomalies()
    {
        var rule = Rule();
        for (var period = 0; period < 4; period++)
        {
            Assert.Empty(await SpendWatchedAsync(1, null, rule));
            await AdvanceAsync(Period);
        }

        Assert.Empty(await SpendWatchedAsync(19, null, rule));
        Assert.Single(await SpendWatchedAsync(1, null, rule));
    }

    [Fact]
    public async Task Settle_PeriodsWithoutSpend_CountAsNothing()
    {
        var rule = Rule();
        await SpendUsuallyAsync(2, rule);
        await AdvanceAsync(Period + Period);

        Assert.Equal(5, Assert.Single(await SpendWatchedAsync(20, null, rule)).UsualNanos);
    }

    [Fact]
    public async Task Settle_IdleForLongerThanTheBaseline_StartsAnew()
    {
        var rule = Rule();
        await SpendUsuallyAsync(4, rule);
        await AdvanceAsync(Period * 6);

        Assert.Empty(await SpendWatchedAsync(1_000, null, rule));
    }

    // Swept or not: the sweep forgets what is as old as this.
    [Fact]
    public async Task Settle_IdleForOnePeriodMoreThanTheBaseline_StartsAnew()
    {
        var rule = Rule();
        await SpendUsuallyAsync(4, rule);
        await AdvanceAsync(Period * 4);

        Assert.Empty(await SpendWatchedAsync(1_000, null, rule));
    }

    [Fact]
    public async Task Settle_EqualRules_CountOnce()
    {
        var rule = Rule();
        await SpendUsuallyAsync(4, rule);
        Assert.Empty(await SpendWatchedAsync(19, null, rule, Rule()));

        Assert.Equal(31, Assert.Single(await SpendWatchedAsync(12, null, rule, Rule())).SpentNanos);
    }

    [Fact]
    public async Task Settle_TwoTenants_AreComparedEachWithItself()
    {
        var rule = Rule();
        var other = new SpendAccount { TenantId = "other", UserId = "ann" };
        await SpendUsuallyAsync(4, rule);
        Assert.Empty(await SpendWatchedAsync(1_000, other, rule));

        Assert.Equal("acme", Assert.Single(await SpendWatchedAsync(31, null, rule)).TenantId);
    }

    [Fact]
    public async Task Sweep_DeadReservation_IsToldOfAnomalies()
    {
        var rule = Rule(SpendScope.Global);
        await SpendUsuallyAsync(4, rule);
        var plain = Reservation("dead", cost: 40);
        await Ledger.ReserveAsync(
            new SpendReservation
            {
                Id = "dead",
                Account = Ann,
                Limits = [],
                AnomalyRules = [rule],
                InputTokens = plain.InputTokens,
                MaxOutputTokens = plain.MaxOutputTokens,
                MaxCost = plain.MaxCost,
                Lease = Lease,
            },
            Token);
        await AdvanceAsync(Lease);

        Assert.Equal(40, Assert.Single((await Ledger.SweepAsync(10, Token)).Anomalies).SpentNanos);
    }
}
