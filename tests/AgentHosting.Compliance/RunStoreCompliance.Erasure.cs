using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>All of one user is erased, and nothing of another.</content>
public abstract partial class RunStoreCompliance
{
    private static readonly AgentIdentity _ann = new() { UserId = "ann", TenantId = "acme" };

    [Fact]
    public async Task EraseUser_RunsOfEveryState_AreGoneWithTheirSessions()
    {
        var store = await CreateStoreAsync();
        var ended = await AcceptAsync(store, Submission(store, tenant: "acme", session: "s", key: "k1"));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "[]");
        var dead = await AcceptAsync(store, Submission(store, tenant: "acme", session: "t"));
        await store.CompleteAsync(
            (await ClaimOneAsync(store)).Lease, new RunCompletion { Status = AgentRunStatus.Failed, Error = Broken, SessionMessages = "[]"u8.ToArray() }, Token);
        var waiting = await AcceptAsync(store, Submission(store, tenant: "acme", session: "u"));
        var lease = (await ClaimOneAsync(store)).Lease;
        await OpenEventAsync(store, lease, 1);
        await SuspendAsync(store, lease);
        var ready = await AcceptAsync(store, Submission(store, tenant: "acme", session: "s", key: "k2"));
        var blocked = await AcceptAsync(store, Submission(store, tenant: "acme", session: "s"));
        var delayed = await AcceptAsync(store, Submission(store, tenant: "acme", delay: Long));

        var erasure = await store.EraseUserAsync(_ann, 100, Token);

        // That of the waiting run had no turn yet, and went with it.
        Assert.Equal((6, 2, 0, true), (erasure.Runs, erasure.Sessions, erasure.Running, erasure.IsComplete));
        foreach (var id in (string[])[ended, dead, waiting, ready, blocked, delayed])
        {
            Assert.Null(await store.GetAsync(id, Token));
            Assert.Null(await store.ReadEventsAsync(id, 0, 10, Token));
            Assert.Equal(RunCancelOutcome.NotFound, await store.CancelAsync(id, Token));
        }

        foreach (var session in (string[])["s", "t", "u"])
        {
            Assert.Null(await store.GetSessionAsync(_ann, session, Token));
        }

        var left = await store.GetStatisticsAsync(Token);
        Assert.Equal((0, 0, 0, 0, 0), (left.Ready, left.Blocked, left.Waiting, left.Running, left.Retained));
        await AssertNothingToClaimAsync(store);
        Assert.Empty((await store.ListAsync(new RunQuery(), Token)).Runs);
        // What the keys stood for is forgotten.
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(Submission(store, tenant: "acme", key: "k1"), Token)).Outcome);
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(Submission(store, tenant: "acme", key: "k2", fingerprint: "other"), Token)).Outcome);
    }

    [Theory]
    [InlineData("ann", null)]
    [InlineData("ann", "other")]
    [InlineData("bob", "acme")]
    [InlineData("acme", null)]
    [InlineData("4:acme:3:ann", "")]
    public async Task EraseUser_SameNameElsewhere_Stays(string user, string? tenant)
    {
        var store = await CreateStoreAsync();
        var own = await AcceptAsync(store, Submission(store, tenant: "acme", session: "s"));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "[]");
        var others = await AcceptAsync(store, Submission(store, user, tenant, session: "s", key: "k"));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "[]");
        var next = await AcceptAsync(store, Submission(store, user, tenant, session: "s"));

        var erasure = await store.EraseUserAsync(_ann, 100, Token);

        Assert.Equal((1, 1, true), (erasure.Runs, erasure.Sessions, erasure.IsComplete));
        Assert.Null(await store.GetAsync(own, Token));
        Assert.NotNull(await store.GetAsync(others, Token));
        Assert.Single((await store.GetSessionAsync(new AgentIdentity { UserId = user, TenantId = tenant }, "s", Token))!.Turns);
        Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(Submission(store, user, tenant, session: "s", key: "k"), Token)).Outcome);
        Assert.Equal(next, (await ClaimOneAsync(store)).Run.Id);
    }

    [Fact]
    public async Task EraseUser_RunningRun_IsToldAndErasedOnceItHasEnded()
    {
        var store = await CreateStoreAsync();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = store.SubscribeCancellations(id => told.TrySetResult(id));
        var running = await AcceptAsync(store, Submission(store, tenant: "acme", session: "s"));
        var lease = (await ClaimOneAsync(store)).Lease;
        var behind = await AcceptAsync(store, Submission(store, tenant: "acme", session: "s"));

        var first = await store.EraseUserAsync(_ann, 100, Token);
        Assert.Equal((1, 0, 1, false), (first.Runs, first.Sessions, first.Running, first.IsComplete));
        Assert.Equal(running, await told.Task.WaitAsync(TimeSpan.FromSeconds(10), Token));
        Assert.Null(await store.GetAsync(behind, Token));
        Assert.Equal([RunRenewalOutcome.CancelRequested], await store.RenewAsync([lease], Long, Token));
        var again = await store.EraseUserAsync(_ann, 100, Token);
        Assert.Equal((0, 0, 1, false), (again.Runs, again.Sessions, again.Running, again.IsComplete));
        await store.CompleteAsync(
            lease, new RunCompletion { Status = AgentRunStatus.Cancelled, SessionMessages = "[]"u8.ToArray() }, Token);

        var last = await store.EraseUserAsync(_ann, 100, Token);

        Assert.Equal((1, 1, 0, true), (last.Runs, last.Sessions, last.Running, last.IsComplete));
        Assert.Null(await store.GetAsync(running, Token));
        Assert.Null(await store.GetSessionAsync(_ann, "s", Token));
    }

    [Fact]
    public async Task EraseUser_LostWorker_IsErasedAfterItsLease()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, tenant: "acme", session: "s"));
        await ClaimOneAsync(store, lease: Unit);
        Assert.Equal(1, (await store.EraseUserAsync(_ann, 100, Token)).Running);
        await AdvanceAsync(MoreThanUnit);
        await SweepAsync(store);

        var erasure = await store.EraseUserAsync(_ann, 100, Token);

        Assert.Equal((1, 1, true), (erasure.Runs, erasure.Sessions, erasure.IsComplete));
    }

    [Fact]
    public async Task EraseUser_MoreThanTheLimit_IsDoneInSteps()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 5; i++)
        {
            await AcceptAsync(store, Submission(store, tenant: "acme", session: "s" + Text(i)));
            await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "[]");
        }

        var steps = new List<(int, int, bool)>();
        UserErasure step;
        do
        {
            step = await store.EraseUserAsync(_ann, 3, Token);
            steps.Add((step.Runs, step.Sessions, step.IsComplete));
        }
        while (!step.IsComplete);

        Assert.Equal([(3, 0, false), (2, 1, false), (0, 3, false), (0, 1, true)], steps);
    }

    [Fact]
    public async Task EraseUser_Twice_IsNothingMore()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, tenant: "acme"));
        await store.EraseUserAsync(_ann, 100, Token);

        var erasure = await store.EraseUserAsync(_ann, 100, Token);

        Assert.Equal((0, 0, 0, true), (erasure.Runs, erasure.Sessions, erasure.Running, erasure.IsComplete));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.EraseUserAsync(_ann, 0, Token).AsTask());
    }

    [Fact]
    public async Task EraseUser_RequeuedRunAndItsFirst_AreBothGone()
    {
        var store = await CreateStoreAsync();
        var failed = await AcceptAsync(store, Submission(store, tenant: "acme", session: "s"));
        await FailAsync(store, (await ClaimOneAsync(store)).Lease);
        var again = store.CreateRunId("acme");
        await store.RequeueAsync(failed, new RunRequeue { NewRunId = again, KeepJournal = true, ExpireAfter = Long }, Token);

        Assert.Equal(2, (await store.EraseUserAsync(_ann, 100, Token)).Runs);

        Assert.Null(await store.GetAsync(again, Token));
    }

    [Fact]
    public async Task EraseUser_TenantWithALimit_OthersGoOn()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 1, MaxUnfinishedRuns = 3 });
        for (var i = 0; i < 3; i++)
        {
            await AcceptAsync(store, Submission(store, tenant: "acme"));
        }

        await store.EraseUserAsync(_ann, 100, Token);

        var (one, two) = (await AcceptAsync(store, Submission(store, "bob", "acme")), await AcceptAsync(store, Submission(store, "bob", "acme")));
        var claim = await ClaimOneAsync(store);
        Assert.Equal(one, claim.Run.Id);
        await AssertNothingToClaimAsync(store);
        await SucceedAsync(store, claim.Lease);
        Assert.Equal(two, (await ClaimOneAsync(store)).Run.Id);
    }
}
