using AgentHosting.Compliance;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.SpendLedgers;

public sealed class InMemorySpendLedgerTests : SpendLedgerCompliance
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly SpendLedgerOptions _options = new();

    protected override ISpendLedger CreateLedger() => new InMemorySpendLedger(Options.Create(_options), _clock);

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("2026-03-28T23:30:00Z", "2026-03-29T22:00:00Z", "Europe/Paris")] // 23 hours: clocks go forward
    [InlineData("2026-10-24T22:30:00Z", "2026-10-25T23:00:00Z", "Europe/Paris")] // 25 hours: clocks go back
    public async Task Reserve_DayWithAClockChange_ResetsOnceAtItsEnd(string inside, string end, string zone)
    {
        _clock.AdjustTime(DateTimeOffset.Parse(inside, null));
        var limit = new SpendLimit { Scope = SpendScope.Global, Window = SpendWindow.Day(zone), MaxCalls = 1 };
        Assert.Null(await RefusalAsync(limit));
        var resets = DateTimeOffset.Parse(end, null);
        for (; _clock.GetUtcNow() < resets; _clock.Advance(TimeSpan.FromMinutes(30)))
        {
            Assert.Equal(resets, (await RefusalAsync(limit))?.ResetsAt);
        }

        Assert.Null(await RefusalAsync(limit));
        Assert.NotNull(await RefusalAsync(limit));
    }

    [Fact]
    public async Task Reserve_ClockSetBackOverMidnight_OpensNoOldPeriod()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, Window = SpendWindow.Day(), MaxCalls = 1 };
        Assert.Null(await RefusalAsync(limit));
        _clock.Advance(TimeSpan.FromHours(13));
        Assert.Null(await RefusalAsync(limit));
        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromHours(2));

        Assert.NotNull(await RefusalAsync(limit));
    }

    [Fact]
    public async Task Settle_AfterMidnight_IsChargedToTheDayBefore()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, Window = SpendWindow.Day(), MaxCostNanos = 100 };
        await Ledger.ReserveAsync(Reservation("late", limit), Token);
        _clock.Advance(TimeSpan.FromHours(13));
        Assert.True((await Ledger.SettleAsync(new SpendSettlement { Id = "late", Cost = 0.00000008m }, Token)).IsSettled);

        var balance = Assert.Single(await Ledger.GetBalancesAsync(new SpendAccount(), [limit], Token));
        Assert.Equal((0, 0), (balance.SettledCostNanos, balance.HeldCostNanos));
    }

    [Fact]
    public async Task Sweep_CountersAndSumsThatAreOver_AreForgotten()
    {
        var ledger = (InMemorySpendLedger)Ledger;
        for (var i = 0; i < 1000; i++)
        {
            var account = new SpendAccount { UserId = $"user {i}", RunId = $"run {i}" };
            var limits = new SpendLimit[] { new() { Scope = SpendScope.User, Window = SpendWindow.Day(), MaxCalls = 1 }, new() { Scope = SpendScope.Run, MaxCalls = 1 } };
            await ledger.ReserveAsync(new SpendReservation { Id = $"{i}", Account = account, Limits = limits, InputTokens = 1, MaxOutputTokens = 1, Lease = Lease }, Token);
            await ledger.SettleAsync(new SpendSettlement { Id = $"{i}" }, Token);
        }

        Assert.Equal(2000, ledger.CounterCount);
        _clock.Advance(TimeSpan.FromDays(1));
        await ledger.SweepAsync(100, Token);
        Assert.Equal(1000, ledger.CounterCount);
        _clock.Advance(_options.IdleRetention);
        await ledger.SweepAsync(100, Token);
        Assert.Equal(0, ledger.CounterCount);
        Assert.Equal(1000, Assert.Single(await ledger.QueryAsync(new SpendQuery(), Token)).Calls);
        _clock.Advance(_options.Retention);
        await ledger.SweepAsync(100, Token);
        Assert.Empty(await ledger.QueryAsync(new SpendQuery(), Token));
    }

    [Fact]
    public async Task Settle_EachDay_TellsAlertRatiosOnce()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, Window = SpendWindow.Day("Europe/Paris"), MaxCostNanos = 1000, AlertRatios = [0.05] };
        var told = new List<DateTimeOffset?>();
        for (var hour = 0; hour < 72; hour++)
        {
            await Ledger.ReserveAsync(Reservation($"{hour}", limit), Token);
            told.AddRange((await Ledger.SettleAsync(new SpendSettlement { Id = $"{hour}", Cost = 0.00000001m }, Token)).Crossings.Select(static crossing => crossing.ResetsAt));
            _clock.Advance(TimeSpan.FromHours(1));
        }

        var midnight = new DateTimeOffset(2026, 3, 10, 23, 0, 0, TimeSpan.Zero);
        Assert.Equal([midnight, midnight.AddDays(1), midnight.AddDays(2), midnight.AddDays(3)], told);
    }

    [Fact]
    public async Task Settle_AlertRatiosThatAreNotReached_AllocateNothing()
    {
        var plain = await AllocatedAsync([]);
        var watched = await AllocatedAsync([0.5, 0.8, 1]);

        Assert.Equal(plain, watched);
    }

    [Fact]
    public async Task Settle_CapsThatChangeWithEveryRequest_AreBounded()
    {
        var counter = new SpendCounter(new SpendCounterKey(new SpendScopeKey(SpendScope.Global, null, "", IsOfUserAlone: false), SpendWindow.Total));
        for (var i = 0; i < 1000; i++)
        {
            var limit = new SpendLimit { Scope = SpendScope.Global, MaxCostNanos = 1_000_000 + i, AlertRatios = [0.5, 0.8, 1] };
            counter.Watch(limit);
            await Ledger.ReserveAsync(Reservation($"{i}", limit), Token);
            Assert.Empty((await Ledger.SettleAsync(new SpendSettlement { Id = $"{i}", Cost = 0.00000001m }, Token)).Crossings);
        }

        Assert.InRange(counter.Thresholds!.Count, 3, 100);
        var same = new SpendLimit { Scope = SpendScope.Global, MaxCostNanos = 20_000, AlertRatios = [0.5] };
        await Ledger.ReserveAsync(Reservation("last", same), Token);
        Assert.Single((await Ledger.SettleAsync(new SpendSettlement { Id = "last" }, Token)).Crossings);
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.5, 1.5)]
    [InlineData(-0.5, 0.5)]
    [InlineData(0.5, double.NaN)]
    public void AlertRatios_NotAscendingShares_AreRefused(double first, double second) =>
        Assert.Throws<ArgumentException>(() => new SpendLimit { Scope = SpendScope.Global, AlertRatios = [first, second] });

    private async Task<long> AllocatedAsync(double[] ratios)
    {
        _options.MaxRows = 0;
        var ledger = new InMemorySpendLedger(Options.Create(_options), _clock);
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCostNanos = 1_000_000_000, MaxCalls = 1_000_000, AlertRatios = ratios };
        var (reservation, settlement) = (Reservation("one", limit), new SpendSettlement { Id = "one", Cost = 0.00000001m });
        await PairsAsync(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        await PairsAsync(1000);
        return GC.GetAllocatedBytesForCurrentThread() - before;

        async ValueTask PairsAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await ledger.ReserveAsync(reservation, Token);
                await ledger.SettleAsync(settlement, Token);
            }
        }
    }

    private async Task<SpendRefusal?> RefusalAsync(SpendLimit limit)
    {
        var id = Guid.NewGuid().ToString();
        var result = await Ledger.ReserveAsync(Reservation(id, limit), Token);
        await Ledger.SettleAsync(new SpendSettlement { Id = id }, Token);
        return result.Refusal;
    }

    private static SpendReservation Reservation(string id, SpendLimit limit) => new()
    {
        Id = id,
        Account = new SpendAccount(),
        Limits = [limit],
        InputTokens = 1,
        MaxOutputTokens = 1,
        MaxCost = 0.00000009m,
        Lease = TimeSpan.FromDays(2),
    };
}
