using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Sweep_EndedRunPastItsRetention_IsRemovedWithItsEvents()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { Retention = Unit });
        var id = await AcceptAsync(store);
        var unfinished = await AcceptAsync(store, Submission(store, session: "s"));
        await store.CancelAsync(id, Token);
        await SweepAsync(store);
        Assert.NotNull(await store.GetAsync(id, Token));
        await AdvanceAsync(MoreThanUnit);
        var swept = await SweepAsync(store);

        Assert.Equal(1, swept.Removed);
        Assert.Null(await store.GetAsync(id, Token));
        Assert.Null(await store.ReadEventsAsync(id, 0, 10, Token));
        Assert.Equal(RunCancelOutcome.NotFound, await store.CancelAsync(id, Token));
        await SoonAsync(store.WaitForEventsAsync(id, 99, Long, Token));
        Assert.NotNull(await store.GetAsync(unfinished, Token));
    }

    [Fact]
    public async Task Sweep_IdleSessionPastItsRetention_IsRemoved()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { Retention = Unit, SessionRetention = Unit * 3 });
        await TakeTurnAsync("used");
        await TakeTurnAsync("idle");
        await AdvanceAsync(Unit * 2);
        await TakeTurnAsync("used");
        await AcceptAsync(store, Submission(store, session: "busy"));
        await AdvanceAsync(Unit * 1.5);
        await SweepAsync(store);

        Assert.Null(await store.GetSessionAsync(Ann, "idle", Token));
        Assert.Equal(2, (await store.GetSessionAsync(Ann, "used", Token))!.Turns.Count);
        await AdvanceAsync(Unit * 2);
        await SweepAsync(store);
        Assert.Null(await store.GetSessionAsync(Ann, "used", Token));
        await TakeTurnAsync("busy");
        Assert.Equal(1, (await store.GetSessionAsync(Ann, "busy", Token))!.Version);

        async Task TakeTurnAsync(string session)
        {
            if (session != "busy")
            {
                await AcceptAsync(store, Submission(store, session: session));
            }

            await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "turn");
        }
    }

    [Fact]
    public async Task Sweep_SessionWithAnUnfinishedRun_IsKeptHoweverOld()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { SessionRetention = Unit });
        await AcceptAsync(store, Submission(store, session: "s"));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "one");
        await AcceptAsync(store, Submission(store, session: "s"));
        await AdvanceAsync(MoreThanUnit);
        await SweepAsync(store);

        Assert.Single((await store.GetSessionAsync(Ann, "s", Token))!.Turns);
        Assert.Single((await ClaimOneAsync(store)).Session!.Turns);
    }

    [Fact]
    public async Task Retention_WithoutEnd_KeepsEverything()
    {
        var store = await CreateStoreAsync(
            new RunStoreOptions { Retention = TimeSpan.MaxValue, SessionRetention = TimeSpan.MaxValue, IdempotencyRetention = TimeSpan.MaxValue });
        var id = await AcceptAsync(store, Submission(store, session: "s", key: "k", expireAfter: TimeSpan.MaxValue));
        Assert.Equal(RunWriteOutcome.Committed, await SucceedAsync(store, (await ClaimOneAsync(store, lease: TimeSpan.MaxValue)).Lease, turn: "turn"));
        await SweepAsync(store);

        Assert.Equal(AgentRunStatus.Succeeded, (await GetAsync(store, id)).Status);
        Assert.NotNull(await store.GetSessionAsync(Ann, "s", Token));
        Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(Submission(store, key: "k"), Token)).Outcome);
    }

    [Fact]
    public async Task Statistics_RunsInEveryPlace_AreCounted()
    {
        var store = await CreateStoreAsync();
        Assert.Equal((0, 0, 0, 0), Counts(await store.GetStatisticsAsync(Token)));
        Assert.Equal(TimeSpan.Zero, (await store.GetStatisticsAsync(Token)).OldestReadyAge);
        var running = await AcceptAsync(store, Submission(store, session: "s"));
        await ClaimOneAsync(store);
        await AcceptAsync(store, Submission(store, session: "s"));
        await AcceptAsync(store, Submission(store, delay: Long));
        await AcceptAsync(store);
        await AcceptAsync(store);
        await store.CancelAsync(await AcceptAsync(store), Token);

        Assert.Equal((2, 2, 1, 1), Counts(await store.GetStatisticsAsync(Token)));
        Assert.NotNull(await store.GetAsync(running, Token));

        static (long Ready, long Blocked, long Running, long Retained) Counts(RunStoreStatistics statistics) =>
            (statistics.Ready, statistics.Blocked, statistics.Running, statistics.Retained);
    }

    [Fact]
    public async Task Statistics_DelayedRunIsDue_IsReadyAlthoughNobodyClaims()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, delay: Unit));
        await AdvanceAsync(Unit * 3);
        var statistics = await store.GetStatisticsAsync(Token);

        Assert.Equal((1, 0), (statistics.Ready, statistics.Blocked));
        Assert.True(statistics.OldestReadyAge >= Unit * 1.9, $"It could start two units ago, not {statistics.OldestReadyAge}.");
    }

    [Fact]
    public async Task Statistics_OldestReadyAge_IsThatOfTheRunThatWaitsLongest()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        await AdvanceAsync(Unit * 2);
        await AcceptAsync(store, Submission(store, priority: 9));
        Assert.True((await store.GetStatisticsAsync(Token)).OldestReadyAge >= Unit * 2);

        await ClaimOneAsync(store);
        Assert.True((await store.GetStatisticsAsync(Token)).OldestReadyAge >= Unit * 2);
        await ClaimOneAsync(store);
        Assert.Equal(TimeSpan.Zero, (await store.GetStatisticsAsync(Token)).OldestReadyAge);
    }
}
