using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task ReadEvents_UnknownRun_GivesNothing()
    {
        var store = await CreateStoreAsync();

        Assert.Null(await store.ReadEventsAsync(store.CreateRunId("ann"), 0, 10, Token));
    }

    [Fact]
    public async Task ReadEvents_ArgumentOutOfRange_Throws()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.ReadEventsAsync(id, -1, 10, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.ReadEventsAsync(id, 0, 0, Token));
    }

    [Fact]
    public async Task Events_OfAWholeRun_AreNumberedWithoutAGapAndKeepTheirContent()
    {
        var store = await CreateStoreAsync();
        var id = await RunWithEventsAsync(store, deltas: 20);
        var events = await ReadAllAsync(store, id);
        var page = await store.ReadEventsAsync(id, 0, 1000, Token);

        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(runEvent => runEvent.Sequence));
        Assert.Equal((AgentRunEventTypes.RunQueued, id, Agent), (events[0].Type, events[0].RunId, events[0].Agent));
        Assert.Equal((AgentRunEventTypes.RunStarted, id, 1), (events[1].Type, events[1].RunId, events[1].Attempt));
        Assert.Equal(AgentRunEventTypes.RunCompleted, events[^1].Type);
        Assert.Equal(string.Concat(Enumerable.Range(0, 20).Select(Text)), string.Concat(events.Select(runEvent => runEvent.Text)));
        Assert.All(events, runEvent => Assert.True(runEvent.At > DateTimeOffset.UnixEpoch));
        Assert.Equal((true, events[^1].Sequence), (page!.IsTerminal, page.LastSequence));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(16)]
    [InlineData(25)]
    public async Task ReadEvents_FromEveryNumberInPagesOfAnySize_GivesTheSameList(int maxEvents)
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxEventsPerRun = maxEvents });
        var id = await RunWithEventsAsync(store, deltas: 30);
        var last = (await store.ReadEventsAsync(id, 0, 1, Token))!.LastSequence;
        Assert.Equal(35, last);
        for (var after = 0L; after <= last + 1; after++)
        {
            var expected = Describe(await ReadAllAsync(store, id, after));
            foreach (var pageSize in new[] { 1, 2, 3, 7, 34, 35, 36 })
            {
                Assert.Equal(expected, Describe(await ReadAllAsync(store, id, after, pageSize)));
            }
        }

        static List<string> Describe(List<AgentRunEvent> events) =>
            [.. events.Select(runEvent => $"{runEvent.Sequence} {runEvent.Type} {runEvent.Step} {runEvent.Text}")];
    }

    [Fact]
    public async Task ReadEvents_EarlyEventsAreGone_BeginsWithASnapshotThatStandsForThem()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxEventsPerRun = 16 });
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await store.AppendEventsAsync(claim.Lease, 1, [Event("step.started", "1"), Text("first", "1"), Event("step.completed", "1")], Token);
        await store.AppendEventsAsync(claim.Lease, 2, [Event("step.started", "2"), .. Enumerable.Range(0, 100).Select(i => Text("," + Text(i), "2"))], Token);
        var events = await ReadAllAsync(store, id);
        var snapshot = events[0];

        Assert.Equal((AgentRunEventTypes.Snapshot, id, AgentRunStatus.Running, "2"), (snapshot.Type, snapshot.RunId, snapshot.Status, snapshot.Step));
        Assert.Equal(17, events.Count);
        Assert.Equal(Enumerable.Range(0, 17).Select(i => snapshot.Sequence + i), events.Select(runEvent => runEvent.Sequence));
        Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(i => "," + Text(i))), string.Concat(events.Select(runEvent => runEvent.Text)));
        Assert.DoesNotContain("snapshot", (await ReadAllAsync(store, id, snapshot.Sequence)).Select(runEvent => runEvent.Type));

        await ReleaseAsync(store, claim.Lease, failed: true);
        var second = await ClaimOneAsync(store);
        Assert.Equal(["1", "2"], second.UnfinishedSteps.Order(StringComparer.Ordinal));
        await store.AppendEventsAsync(
            second.Lease, 1, [Event("step.restarted", "2"), .. Enumerable.Range(0, 40).Select(i => Text(";" + Text(i), "2"))], Token);
        Assert.Equal(
            string.Concat(Enumerable.Range(0, 40).Select(i => ";" + Text(i))), string.Concat((await ReadAllAsync(store, id)).Select(runEvent => runEvent.Text)));
    }

    [Fact]
    public async Task ReadEvents_RunHasEnded_SnapshotSaysSo()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxEventsPerRun = 16 });
        var id = await RunWithEventsAsync(store, deltas: 50);

        Assert.Equal(AgentRunStatus.Succeeded, (await ReadAllAsync(store, id))[0].Status);
    }

    [Fact]
    public async Task ReadEvents_WhileTheRunGoesOn_MissesNothing()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var watchers = Enumerable.Range(0, 4).Select(i => Task.Run(() => WatchAsync(store, id, 1 + (i * 3)), Token)).ToList();
        var claim = await ClaimOneAsync(store);
        for (var batch = 1; batch <= 200; batch++)
        {
            await store.AppendEventsAsync(claim.Lease, batch, [Text(Text(batch)), Text("|")], Token);
        }

        await SucceedAsync(store, claim.Lease);
        var expected = (await ReadAllAsync(store, id)).Select(runEvent => (runEvent.Sequence, runEvent.Text));
        foreach (var watcher in watchers)
        {
            Assert.Equal(expected, (await SoonAsync(watcher)).Select(runEvent => (runEvent.Sequence, runEvent.Text)));
        }
    }

    /// <summary>Follows a run to its end, as a reader does.</summary>
    private static async Task<List<AgentRunEvent>> WatchAsync(IRunStore store, string runId, int pageSize, CancellationToken cancellationToken = default)
    {
        var events = new List<AgentRunEvent>();
        while (await store.ReadEventsAsync(runId, events.Count, pageSize, Token) is { } page)
        {
            events.AddRange(page.Events);
            if (page.IsTerminal && events.Count >= page.LastSequence)
            {
                break;
            }

            if (page.Events.Count == 0)
            {
                await store.WaitForEventsAsync(runId, events.Count, Long, cancellationToken);
            }
        }

        return events;
    }

    private static async Task<string> RunWithEventsAsync(IRunStore store, int deltas)
    {
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await store.AppendEventsAsync(claim.Lease, 1, [Event("step.started")], Token);
        await store.AppendEventsAsync(claim.Lease, 2, [.. Enumerable.Range(0, deltas).Select(i => Text(Text(i)))], Token);
        await store.CommitStepAsync(claim.Lease, Step("1"), [Event("step.completed")], Token);
        await SucceedAsync(store, claim.Lease);
        return id;
    }
}
