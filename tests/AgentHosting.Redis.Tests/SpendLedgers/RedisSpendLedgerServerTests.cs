using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.SpendLedgers.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.SpendLedgers;

/// <summary>What a server does that memory does not: its clock is another one, its memory is full, another host goes on.</summary>
public sealed class RedisSpendLedgerServerTests(SharedRedis redis)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(50);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_HostsClockIsYearsOff_CountsByTheServers()
    {
        await using var connection = redis.Connect();
        var ledger = new RedisSpendLedger(connection, Options.Create(new SpendLedgerOptions()), _clock);
        SpendLimit[] limits = [new() { Scope = SpendScope.Global, Window = SpendWindow.Month("Europe/Paris"), MaxCalls = 1 }, new() { Scope = SpendScope.Global, Window = SpendWindow.Rolling(TimeSpan.FromDays(2)), MaxCalls = 5 }];
        var server = redis.Multiplexer.GetServer(redis.Endpoint);
        Assert.True((await ledger.ReserveAsync(Reservation("one", limits), Token)).IsGranted);

        var refusal = (await ledger.ReserveAsync(Reservation("two", limits), Token)).Refusal;

        var now = new DateTimeOffset(await server.TimeAsync(), TimeSpan.Zero);
        Assert.InRange(refusal!.ResetsAt!.Value, now, now.AddDays(32));
        var balances = await ledger.GetBalancesAsync(new SpendAccount(), limits, Token);
        Assert.All(balances, static balance => Assert.Equal(1, balance.Calls));
        Assert.InRange(new DateTimeOffset(balances[0].Period, TimeSpan.Zero), now.AddDays(-32), now);
    }

    [Fact]
    public async Task Reserve_ClockSetBackOverMidnight_OpensNoOldPeriod()
    {
        await using var connection = redis.Connect(_clock);
        var ledger = Ledger(connection);
        SpendLimit[] limits = [new() { Scope = SpendScope.Global, Window = SpendWindow.Day(), MaxCalls = 1 }];
        Assert.True((await ledger.ReserveAsync(Reservation("one", limits), Token)).IsGranted);
        _clock.Advance(TimeSpan.FromHours(13));
        Assert.True((await ledger.ReserveAsync(Reservation("two", limits), Token)).IsGranted);
        await ledger.SweepAsync(100, Token);
        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromHours(2));

        Assert.False((await ledger.ReserveAsync(Reservation("three", limits), Token)).IsGranted);
    }

    [Theory]
    [InlineData("2026-03-28T23:30:00Z", "2026-03-29T22:00:00Z")] // 23 hours: clocks go forward
    [InlineData("2026-10-24T22:30:00Z", "2026-10-25T23:00:00Z")] // 25 hours: clocks go back
    public async Task Reserve_DayWithAClockChange_ResetsOnceAtItsEnd(string inside, string end)
    {
        _clock.AdjustTime(DateTimeOffset.Parse(inside, null));
        await using var connection = redis.Connect(_clock);
        var ledger = Ledger(connection);
        SpendLimit[] limits = [new() { Scope = SpendScope.Global, Window = SpendWindow.Day("Europe/Paris"), MaxCalls = 1 }];
        var resets = DateTimeOffset.Parse(end, null);
        Assert.True((await ledger.ReserveAsync(Reservation("first", limits), Token)).IsGranted);
        for (var i = 0; _clock.GetUtcNow() < resets; _clock.Advance(TimeSpan.FromMinutes(30)), i++)
        {
            Assert.Equal(resets, (await ledger.ReserveAsync(Reservation($"{i}", limits), Token)).Refusal?.ResetsAt);
        }

        Assert.True((await ledger.ReserveAsync(Reservation("next day", limits), Token)).IsGranted);
    }

    [Fact]
    public async Task Settle_ByAnotherHost_TellsOfTheSameLimit()
    {
        var options = SharedRedis.NewOptions();
        await using var one = redis.Connect(_clock, options);
        await using var two = redis.Connect(_clock, options);
        var limit = new SpendLimit { Scope = SpendScope.User, Window = SpendWindow.Week("Asia/Tokyo"), MaxCostNanos = 100, MaxTokens = 7, AlertRatios = [0.1, 1.0 / 3] };
        await Ledger(one).ReserveAsync(Reservation("one", [limit]), Token);

        var crossings = (await Ledger(two).SettleAsync(new SpendSettlement { Id = "one", Cost = 0.00000004m }, Token)).Crossings;

        Assert.Equal([0.1, 1.0 / 3], crossings.Select(static crossing => crossing.Ratio));
        var told = crossings[1].Limit;
        Assert.Equal((limit.Scope, limit.Window, 100L, 7L, null), (told.Scope, told.Window, told.MaxCostNanos, told.MaxTokens, told.MaxCalls));
        Assert.Equal(limit.AlertRatios, told.AlertRatios);
    }

    [Fact]
    public async Task Query_CostsWithAsManyDigitsAsThereAre_AddUpExactly()
    {
        await using var connection = redis.Connect(_clock);
        var ledger = Ledger(connection);
        decimal[] costs = [0.0000000000000000000000000001m, 1.9999999999999999999999999999m, 9_007_199.25474m, 0.3333333333333333333333333333m, 7.0m, 0m];
        for (var i = 0; i < costs.Length; i++)
        {
            await ledger.ReserveAsync(Reservation($"{i}", [], $"u{i / 2}"), Token);
            Assert.True((await ledger.SettleAsync(new SpendSettlement { Id = $"{i}", Cost = costs[i] }, Token)).IsSettled);
        }

        var groups = await ledger.QueryAsync(new SpendQuery { GroupBy = SpendGrouping.User }, Token);

        Assert.Equal([2m, costs[2] + costs[3], 7m], groups.Select(static group => group.Cost));
        Assert.Equal(costs.Reverse(), (await ledger.GetRowsAsync(new SpendQuery(), 10, Token)).Select(static row => row.Settlement.Cost!.Value));
    }

    [Fact]
    public async Task Query_MoreThanAPage_GivesEachOnce()
    {
        await using var connection = redis.Connect(_clock);
        var ledger = Ledger(connection);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            await ledger.ReserveAsync(Reservation($"{i}", [], $"user {i % 500}"), Token);
            await ledger.SettleAsync(new SpendSettlement { Id = $"{i}", Cost = i }, Token);
        }));

        var groups = await ledger.QueryAsync(new SpendQuery { GroupBy = SpendGrouping.User }, Token);
        var rows = await ledger.GetRowsAsync(new SpendQuery(), 900, Token);

        Assert.Equal(500, groups.Count);
        Assert.All(groups, static group => Assert.Equal((2, (decimal)(2 * int.Parse(group.Key[5..], null)) + 500), (group.Calls, group.Cost)));
        Assert.Equal(900, rows.Select(static row => row.Settlement.Id).Distinct().Count());
    }

    [Fact]
    public async Task Settle_MemoryIsFull_IsChargedAndReservationsAreRefused()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory-policy", "noeviction");
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        await using var connection = new RedisConnection(new RedisSource(multiplexer), Options.Create(SharedRedis.NewOptions())) { Clock = _clock };
        var ledger = Ledger(connection);
        SpendLimit[] limits = [new() { Scope = SpendScope.Global, MaxCalls = 10, AlertRatios = [0.1] }];
        await ledger.ReserveAsync(Reservation("open", limits), Token);
        await ledger.ReserveAsync(Reservation("dead", limits), Token);
        await multiplexer.GetServer(server.Endpoint).ConfigSetAsync("maxmemory", "1");

        await Assert.ThrowsAsync<RedisServerException>(async () => await ledger.ReserveAsync(Reservation("more", limits), Token));
        Assert.True(await ledger.RenewAsync("open", 3, null, Lease * 3, Token));
        _clock.Advance(Lease * 2);
        Assert.Equal(1, (await ledger.SweepAsync(10, Token)).Charged);
        Assert.True((await ledger.SettleAsync(new SpendSettlement { Id = "open", Cost = 1 }, Token)).IsSettled);
        Assert.True((await ledger.SettleAsync(new SpendSettlement { Id = "dead", Cost = 1 }, Token)).IsCorrection);

        Assert.Equal((2L, 2m), (Assert.Single(await ledger.QueryAsync(new SpendQuery(), Token)) is var sum ? (sum.Calls, sum.Cost) : default));
    }

    [Fact]
    public async Task Sweep_EverythingIsOver_LeavesNothingButRowsAndWhatNeverEnds()
    {
        var options = SharedRedis.NewOptions();
        await using var connection = redis.Connect(_clock, options);
        var ledger = new RedisSpendLedger(connection, Options.Create(new SpendLedgerOptions { MaxRows = 5 }), TimeProvider.System);
        var rule = new SpendAnomalyRule { Scope = SpendScope.User, Period = TimeSpan.FromMinutes(1), BaselinePeriods = 2, Factor = 2, MinCostNanos = 1 };
        SpendLimit[] limits =
        [
            new() { Scope = SpendScope.User, Window = SpendWindow.Day(), MaxCalls = 1 }, new() { Scope = SpendScope.Run, MaxCalls = 9 },
            new() { Scope = SpendScope.Global, MaxCalls = 1000 }, new() { Scope = SpendScope.User, Window = SpendWindow.Rolling(TimeSpan.FromHours(1)), MaxCalls = 5 },
        ];
        for (var i = 0; i < 300; i++)
        {
            Assert.True((await ledger.ReserveAsync(Reservation($"{i}", limits, $"user {i}", rule), Token)).IsGranted);
            if (i % 3 > 0)
            {
                await ledger.SettleAsync(new SpendSettlement { Id = $"{i}", Cost = 1 }, Token);
            }
        }

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(100, (await ledger.SweepAsync(100, Token)).Charged);
        Assert.Equal(300, Assert.Single(await ledger.QueryAsync(new SpendQuery(), Token)).Calls);
        for (var day = 0; day < 402; day += 67)
        {
            _clock.Advance(TimeSpan.FromDays(67));
            await ledger.SweepAsync(100, Token);
        }

        var names = redis.Multiplexer.GetServer(redis.Endpoint).Keys(pattern: $"{{{options.KeyPrefix}:spend}}*").Select(static key => ((string)key!).Split("}:1:")[1]);
        Assert.Equal(["c:7|total|-|", "rows", "rows:n"], names.Order(StringComparer.Ordinal));
        Assert.Equal(5, (await ledger.GetRowsAsync(new SpendQuery(), 10, Token)).Count);
        Assert.Empty(await ledger.QueryAsync(new SpendQuery(), Token));
    }

    [Fact]
    public async Task Settle_CapsThatChangeWithEveryRequest_AreBounded()
    {
        var options = SharedRedis.NewOptions();
        await using var connection = redis.Connect(_clock, options);
        var ledger = Ledger(connection);
        for (var i = 0; i < 300; i++)
        {
            SpendLimit[] limits = [new() { Scope = SpendScope.Global, MaxCostNanos = 100_000 + i, AlertRatios = [0.00001] }];
            await ledger.ReserveAsync(Reservation($"{i}", limits), Token);
            Assert.Single((await ledger.SettleAsync(new SpendSettlement { Id = $"{i}", Cost = 0.00000001m }, Token)).Crossings);
        }

        Assert.InRange(await redis.Multiplexer.GetDatabase().HashLengthAsync($"{{{options.KeyPrefix}:spend}}:1:c:7|total|-|"), 12, 120);
    }

    [Fact]
    public async Task Settle_MoreEstimatesThanAreRemembered_LeavesTheOldestAsItIs()
    {
        await using var connection = redis.Connect(_clock);
        var ledger = Ledger(connection);
        await ledger.ReserveAsync(Reservation("oldest", []), Token);
        _clock.Advance(Lease);
        Assert.Equal(1, (await ledger.SweepAsync(10, Token)).Charged);
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i => ledger.ReserveAsync(Reservation($"{i}", []), Token).AsTask()));
        _clock.Advance(Lease);
        Assert.Equal(10_000, (await ledger.SweepAsync(20_000, Token)).Charged);

        Assert.False((await ledger.SettleAsync(new SpendSettlement { Id = "oldest" }, Token)).IsSettled);
        Assert.True((await ledger.SettleAsync(new SpendSettlement { Id = "0" }, Token)).IsCorrection);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.False((await ledger.SettleAsync(new SpendSettlement { Id = "1" }, Token)).IsSettled);
    }

    [Fact]
    public async Task AnyStep_WhatNoCounterHolds_IsRefusedAndChangesNothing()
    {
        await using var connection = redis.Connect(_clock);
        var ledger = Ledger(connection);
        SpendLimit[] limits = [new() { Scope = SpendScope.Global, MaxTokens = 3 }];
        await ledger.ReserveAsync(Reservation("one", limits), Token);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.SettleAsync(new SpendSettlement { Id = "one", InputTokens = long.MaxValue, OutputTokens = 10 }, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.RenewAsync("one", SpendLimit.MaxNanos, 0m, Lease, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.RenewAsync("one", 1, -1m, Lease, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.ReserveAsync(new SpendReservation
        {
            Id = "endless", Account = new SpendAccount(), Limits = limits, InputTokens = 1, MaxOutputTokens = 0, Lease = TimeSpan.MaxValue,
        }, Token));

        var balance = Assert.Single(await ledger.GetBalancesAsync(new SpendAccount(), limits, Token));
        Assert.Equal((1, 2, 0), (balance.Calls, balance.HeldTokens, balance.SettledTokens));
        Assert.True((await ledger.SettleAsync(new SpendSettlement { Id = "one", CachedInputTokens = long.MaxValue, ReasoningTokens = -5 }, Token)).IsSettled);
    }

    private static RedisSpendLedger Ledger(RedisConnection connection) => new(connection, Options.Create(new SpendLedgerOptions()), TimeProvider.System);

    private static SpendReservation Reservation(string id, SpendLimit[] limits, string user = "u", SpendAnomalyRule? rule = null) => new()
    {
        Id = id,
        Account = new SpendAccount { UserId = user, RunId = user },
        Limits = limits,
        AnomalyRules = rule is null ? [] : [rule],
        InputTokens = 1,
        MaxOutputTokens = 1,
        MaxCost = 0.00000009m,
        Lease = Lease,
    };
}
