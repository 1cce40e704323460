using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.SpendLedgers;

/// <summary>Clocks that are set back, and numbers that no counter holds.</summary>
public sealed class InMemorySpendLedgerEdgeTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(50);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemorySpendLedger _ledger;

    public InMemorySpendLedgerEdgeTests() => _ledger = new InMemorySpendLedger(Options.Create(new SpendLedgerOptions()), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_ClockSetBackOverMidnightAfterASweep_StillKnowsTheDay()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, Window = SpendWindow.Day(), MaxCalls = 1 };
        await SpendAsync("first", limit);
        _clock.Advance(TimeSpan.FromHours(12) + TimeSpan.FromSeconds(1));
        await _ledger.SweepAsync(100, Token);
        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromSeconds(3));

        Assert.NotNull((await ReserveAsync("second", limit)).Refusal);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await SpendAsync("third", limit);
        Assert.NotNull((await ReserveAsync("fourth", limit)).Refusal);
    }

    [Fact]
    public async Task Reserve_ClockSetBackFarAfterASweep_StillChargesDeadHolds()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCalls = 10 };
        _clock.Advance(TimeSpan.FromDays(365));
        await _ledger.SweepAsync(100, Token);
        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromDays(365));
        await ReserveAsync("dead", limit);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await ReserveAsync("next", limit);

        Assert.Equal("dead", Assert.Single(await _ledger.GetRowsAsync(new SpendQuery(), 10, Token)).Settlement.Id);
    }

    [Theory]
    [InlineData(10, long.MaxValue)]
    [InlineData(long.MaxValue, 10)]
    [InlineData(-5, 10)]
    [InlineData(10, -5)]
    public async Task Settle_TokensThatNoCounterHolds_IsRefusedAndVoidsNoCap(long input, long output)
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxTokens = 3 };
        await ReserveAsync("broken", limit);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await _ledger.SettleAsync(new SpendSettlement { Id = "broken", InputTokens = input, OutputTokens = output }, Token));

        Assert.NotNull((await ReserveAsync("next", limit)).Refusal);
        _clock.Advance(Lease);
        Assert.Equal(1, (await _ledger.SweepAsync(10, Token)).Charged);
        Assert.NotNull((await ReserveAsync("next", limit)).Refusal);
    }

    [Fact]
    public async Task Renew_WhatNoCounterHolds_IsRefusedAndLeavesTheStepUsable()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCalls = 10 };
        await _ledger.ReserveAsync(Reservation("first", Lease, [limit], step: "run/1", attempt: 1), Token);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _ledger.RenewAsync("first", 1, -1m, Lease, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _ledger.RenewAsync("first", -1, 0m, Lease, Token));

        Assert.True((await _ledger.ReserveAsync(Reservation("second", Lease, [limit], step: "run/1", attempt: 2), Token)).IsGranted);
    }

    [Fact]
    public async Task Reserve_LeaseBeyondTheCalendar_HoldsNothing()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCalls = 10 };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _ledger.ReserveAsync(Reservation("endless", TimeSpan.MaxValue, [limit]), Token));

        var balance = Assert.Single(await _ledger.GetBalancesAsync(new SpendAccount(), [limit], Token));
        Assert.Equal((0, 0, 0), (balance.Calls, balance.HeldTokens, balance.HeldCostNanos));
    }

    [Fact]
    public async Task Reserve_ManyRatesThatAreOver_ForgetsAFewAtATime()
    {
        var rule = new SpendAnomalyRule { Scope = SpendScope.User, Period = TimeSpan.FromMinutes(1), BaselinePeriods = 1, Factor = 2, MinCostNanos = 1 };
        for (var i = 0; i < 1000; i++)
        {
            await _ledger.ReserveAsync(Reservation($"{i}", Lease, [], user: $"user {i}", rule: rule), Token);
            await _ledger.SettleAsync(new SpendSettlement { Id = $"{i}", Cost = 0 }, Token);
        }

        _clock.Advance(TimeSpan.FromHours(1));
        await ReserveAsync("first");
        Assert.InRange(_ledger.RateCount, 900, 1000);
        for (var i = 0; i < 100; i++)
        {
            await ReserveAsync($"next {i}");
        }

        Assert.Equal(0, _ledger.RateCount);
    }

    private async Task SpendAsync(string id, SpendLimit limit)
    {
        Assert.True((await ReserveAsync(id, limit)).IsGranted);
        await _ledger.SettleAsync(new SpendSettlement { Id = id, InputTokens = 1, Cost = 0 }, Token);
    }

    private ValueTask<SpendReservationResult> ReserveAsync(string id, params SpendLimit[] limits) => _ledger.ReserveAsync(Reservation(id, Lease, limits), Token);

    private static SpendReservation Reservation(
        string id, TimeSpan lease, SpendLimit[] limits, string? step = null, int attempt = 0, string? user = null, SpendAnomalyRule? rule = null) => new()
        {
            Id = id,
            Account = new SpendAccount { UserId = user },
            Limits = limits,
            AnomalyRules = rule is null ? [] : [rule],
            InputTokens = 1,
            MaxOutputTokens = 1,
            MaxCost = 0.00000009m,
            Lease = lease,
            Step = step,
            Attempt = attempt,
        };
}
