using System.Collections.Concurrent;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Cancel_QueuedDelayedAndBlockedRuns_EndsThemAtOnce()
    {
        var store = await CreateStoreAsync();
        var delayed = await AcceptAsync(store, Submission(store, delay: Unit));
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var blocked = await AcceptAsync(store, Submission(store, session: "s"));
        foreach (var id in new[] { delayed, blocked, first })
        {
            Assert.Equal(RunCancelOutcome.Cancelled, await store.CancelAsync(id, Token));
            Assert.Equal(RunCancelOutcome.AlreadyTerminal, await store.CancelAsync(id, Token));
            var run = await GetAsync(store, id);
            Assert.Equal((AgentRunStatus.Cancelled, 0), (run.Status, run.Attempts));
            Assert.Null(run.StartedAt);
            Assert.Equal("run.queued run.cancelled", await EventTypesAsync(store, id));
        }

        await AdvanceAsync(MoreThanUnit);
        await AssertNothingToClaimAsync(store);
    }

    [Fact]
    public async Task Cancel_UnknownRun_IsNotFound()
    {
        var store = await CreateStoreAsync();

        Assert.Equal(RunCancelOutcome.NotFound, await store.CancelAsync(store.CreateRunId("ann"), Token));
    }

    [Fact]
    public async Task Cancel_RunningRun_TellsItsWorkerWhichEndsIt()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);

        Assert.Equal(RunCancelOutcome.Requested, await store.CancelAsync(id, Token));
        Assert.Equal(RunCancelOutcome.Requested, await store.CancelAsync(id, Token));
        Assert.Equal(AgentRunStatus.Running, (await GetAsync(store, id)).Status);
        Assert.Equal(RunRenewalOutcome.CancelRequested, Assert.Single(await store.RenewAsync([claim.Lease], Long, Token)));
        Assert.Equal(RunWriteOutcome.Committed, await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Cancelled }, Token));
        Assert.Equal(RunCancelOutcome.AlreadyTerminal, await store.CancelAsync(id, Token));
        Assert.Equal("run.queued run.started run.cancelled", await EventTypesAsync(store, id));
    }

    [Fact]
    public async Task Cancel_RunWhoseWorkerDies_EndsItAtTheSweep()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, session: "s"));
        var next = await AcceptAsync(store, Submission(store, session: "s"));
        await ClaimOneAsync(store, lease: Unit);
        await store.CancelAsync(id, Token);
        var swept = await LoseLeasesAsync(store, maxCrashes: 0);
        var run = await GetAsync(store, id);

        Assert.Equal((AgentRunStatus.Cancelled, 1), (run.Status, run.Crashes));
        Assert.Equal((0, 0, 1), (swept.Recovered, swept.Failed, swept.Cancelled));
        Assert.Equal(next, (await ClaimOneAsync(store)).Run.Id);
    }

    [Fact]
    public async Task Cancel_AgainstComplete_HasExactlyOneEnd()
    {
        var store = await CreateStoreAsync();
        for (var round = 0; round < 200; round++)
        {
            var id = await AcceptAsync(store);
            var claim = await ClaimOneAsync(store);
            using var start = new ManualResetEventSlim();
            var cancel = Task.Run(
                async () =>
                {
                    start.Wait(Token);
                    return await store.CancelAsync(id, Token);
                },
                Token);
            var complete = Task.Run(
                async () =>
                {
                    start.Wait(Token);
                    return await SucceedAsync(store, claim.Lease);
                },
                Token);
            var cancelByWorker = Task.Run(
                async () =>
                {
                    start.Wait(Token);
                    return await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Cancelled }, Token);
                },
                Token);
            start.Set();
            await Task.WhenAll(cancel, complete, cancelByWorker);

            Assert.Equal([RunWriteOutcome.Committed, RunWriteOutcome.AlreadyCommitted], new[] { await complete, await cancelByWorker }.Order());
            Assert.Contains(await cancel, new[] { RunCancelOutcome.Requested, RunCancelOutcome.AlreadyTerminal });
            var run = await GetAsync(store, id);
            Assert.Equal(await complete == RunWriteOutcome.Committed ? AgentRunStatus.Succeeded : AgentRunStatus.Cancelled, run.Status);
            var last = Assert.Single(await ReadAllAsync(store, id), IsTerminalEvent);
            Assert.Equal((3L, run.Status == AgentRunStatus.Succeeded), (last.Sequence, last.Type == AgentRunEventTypes.RunCompleted));
        }
    }

    [Fact]
    public async Task Cancel_AgainstClaim_EitherEndsTheRunOrTellsItsWorker()
    {
        var store = await CreateStoreAsync();
        for (var round = 0; round < 100; round++)
        {
            var id = await AcceptAsync(store);
            var cancel = Task.Run(async () => await store.CancelAsync(id, Token), Token);
            var claims = await ClaimAsync(store, 1);
            var outcome = await cancel;

            if (claims.Count == 0)
            {
                Assert.Equal(RunCancelOutcome.Cancelled, outcome);
            }
            else
            {
                Assert.Equal(RunCancelOutcome.Requested, outcome);
                await ReleaseAsync(store, claims[0].Lease, failed: false);
            }

            Assert.Equal(AgentRunStatus.Cancelled, (await GetAsync(store, id)).Status);
        }
    }

    [Fact]
    public async Task SubscribeCancellations_RunningRunIsToBeCancelled_TellsEverySubscriber()
    {
        var store = await CreateStoreAsync();
        var told = new BlockingCollection<string>();
        void Tell(string runId) => told.Add(runId);
        using var first = store.SubscribeCancellations(Tell);
        var second = store.SubscribeCancellations(Tell);
        var (one, two) = (await AcceptAsync(store), await AcceptAsync(store));
        var claims = await ClaimAsync(store, 2);
        await store.CancelAsync(one, Token);
        Assert.Equal([one, one], await TakeAsync(2));

        second.Dispose();
        second.Dispose();
        await store.CancelAsync(two, Token);
        Assert.Equal([two], await TakeAsync(1));
        await SucceedAsync(store, claims[0].Lease);
        await store.CancelAsync(one, Token);
        Assert.Empty(told);

        Task<List<string>> TakeAsync(int count) => SoonAsync(
            Task.Run(() => Enumerable.Range(0, count).Select(_ => told.Take(Token)).ToList(), Token));
    }

    [Fact]
    public async Task SubscribeCancellations_OneSubscriberThrows_TheOthersAreToldAllTheSame()
    {
        var store = await CreateStoreAsync();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var throwing = store.SubscribeCancellations(_ => throw new InvalidOperationException("A subscriber that throws."));
        using var telling = store.SubscribeCancellations(id => told.TrySetResult(id));
        var id = await AcceptAsync(store);
        await ClaimOneAsync(store);
        Assert.Equal(RunCancelOutcome.Requested, await store.CancelAsync(id, Token));
        await SoonAsync(told.Task);

        Assert.Equal(id, await told.Task);
    }

    private static async Task<T> SoonAsync<T>(Task<T> task) => await task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token);
}
