using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.SpendLedgers;

public sealed class InMemorySpendLedgerSweepTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemorySpendLedger _ledger;

    public InMemorySpendLedgerSweepTests() => _ledger = new InMemorySpendLedger(Options.Create(new SpendLedgerOptions()), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_NobodySweeps_ChargesDeadHoldsAndTellsWhatTheyReach()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCostNanos = 1000, AlertRatios = [0.05] };
        await ReserveAsync("dead", limit);
        _clock.Advance(TimeSpan.FromMinutes(1));

        var crossings = (await ReserveAsync("next", limit)).Crossings;

        Assert.Equal(90, Assert.Single(crossings).Settled);
        var balance = Assert.Single(await _ledger.GetBalancesAsync(new SpendAccount(), [limit], Token));
        Assert.Equal((90, 90), (balance.SettledCostNanos, balance.HeldCostNanos));
        var row = Assert.Single(await _ledger.GetRowsAsync(new SpendQuery(), 10, Token)).Settlement;
        Assert.Equal(("dead", true, SpendOutcome.Expired), (row.Id, row.IsEstimated, row.Outcome));
    }

    [Fact]
    public async Task Reserve_NobodySweepsForMonths_MemoryIsBounded()
    {
        SpendLimit[] limits = [new() { Scope = SpendScope.User, Window = SpendWindow.Rolling(TimeSpan.FromMinutes(1)), MaxCalls = 1 }, new() { Scope = SpendScope.Run, MaxCalls = 1 }];
        var (most, queued) = (0, 0);
        for (var i = 0; i < 40_000; i++)
        {
            var account = new SpendAccount { UserId = $"user {i}", RunId = $"run {i}" };
            await ReserveAsync($"{i}", account, limits);
            if (i % 3 != 0)
            {
                await _ledger.SettleAsync(new SpendSettlement { Id = $"{i}", Cost = 0 }, Token);
            }

            _clock.Advance(TimeSpan.FromHours(1));
            (most, queued) = (Math.Max(most, _ledger.CounterCount), Math.Max(queued, _ledger.Holds.Queued));
        }

        // 720 hours of runs are remembered.
        Assert.InRange(most, 720, 1600);
        Assert.InRange(queued, 1, 100);
        var sum = Assert.Single(await _ledger.QueryAsync(new SpendQuery(), Token));
        Assert.InRange(sum.Calls, 9_500, 9_650);
    }

    [Fact]
    public async Task Reserve_ManyDeadHolds_ChargesAFewAtATime()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCalls = 10_000 };
        for (var i = 0; i < 1000; i++)
        {
            await ReserveAsync($"dead {i}", limit);
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        await ReserveAsync("first", limit);
        var afterOne = (await _ledger.QueryAsync(new SpendQuery(), Token))[0].Calls;
        for (var i = 0; i < 100; i++)
        {
            await ReserveAsync($"next {i}", limit);
        }

        Assert.InRange(afterOne, 1, 100);
        Assert.Equal(1000, (await _ledger.QueryAsync(new SpendQuery(), Token))[0].Calls);
    }

    [Fact]
    public async Task Sweep_ManyDue_ChargesUpToTheMost()
    {
        var limit = new SpendLimit { Scope = SpendScope.Global, MaxCalls = 10_000 };
        for (var i = 0; i < 1000; i++)
        {
            await ReserveAsync($"dead {i}", limit);
        }

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(600, (await _ledger.SweepAsync(600, Token)).Charged);
        Assert.Equal(400, (await _ledger.SweepAsync(600, Token)).Charged);
        Assert.Equal(0, (await _ledger.SweepAsync(600, Token)).Charged);
    }

    [Fact]
    public async Task Query_ManySumsWhileOthersSettle_GivesEachOnce()
    {
        for (var i = 0; i < 3000; i++)
        {
            await SpendAsync($"{i}", $"user {i}");
        }

        using var stop = new CancellationTokenSource();
        var settling = Task.Run(
            async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    await SpendAsync($"more {i}", $"more {i % 5000}");
                }
            },
            Token);
        for (var i = 0; i < 50; i++)
        {
            var groups = await _ledger.QueryAsync(new SpendQuery { GroupBy = SpendGrouping.User }, Token);
            Assert.Equal(3000, groups.Count(static group => group.Key.StartsWith("user ", StringComparison.Ordinal) && group.Calls == 1));
            var rows = await _ledger.GetRowsAsync(new SpendQuery(), 5000, Token);
            Assert.Equal(rows.Count, rows.Select(static row => row.Settlement.Id).Distinct().Count());
        }

        await stop.CancelAsync();
        await settling;
    }

    private async Task SpendAsync(string id, string user)
    {
        await ReserveAsync(id, new SpendAccount { UserId = user });
        await _ledger.SettleAsync(new SpendSettlement { Id = id, Cost = 1 }, Token);
    }

    private ValueTask<SpendReservationResult> ReserveAsync(string id, SpendLimit limit) => ReserveAsync(id, new SpendAccount(), limit);

    private ValueTask<SpendReservationResult> ReserveAsync(string id, SpendAccount account, params SpendLimit[] limits) => _ledger.ReserveAsync(
        new SpendReservation
        {
            Id = id,
            Account = account,
            Limits = limits,
            InputTokens = 1,
            MaxOutputTokens = 1,
            MaxCost = 0.00000009m,
            Lease = TimeSpan.FromSeconds(50),
        },
        Token);
}
