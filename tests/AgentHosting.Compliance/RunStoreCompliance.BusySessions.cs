using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>What a new run does to the one that its session is busy with.</content>
public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Reject_BusySession_NamesTheRunAndStoresNothing()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var refused = Submission(store, session: "s", onBusy: SessionBusyPolicy.Reject);
        var result = await store.EnqueueAsync(refused, Token);

        Assert.Equal((RunEnqueueOutcome.SessionBusy, first), (result.Outcome, result.RunId));
        Assert.Null(await store.GetAsync(refused.Id, Token));
        Assert.Equal(AgentRunStatus.Queued, (await GetAsync(store, first)).Status);
    }

    [Theory]
    [InlineData(SessionBusyPolicy.Reject)]
    [InlineData(SessionBusyPolicy.Interrupt)]
    [InlineData(SessionBusyPolicy.Rollback)]
    public async Task Policy_IdleSessionOrNone_Accepts(SessionBusyPolicy policy)
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, onBusy: policy));
        await AcceptAsync(store, Submission(store, session: "s", onBusy: policy));

        Assert.Equal(2, (await ClaimAsync(store, 10)).Count);
    }

    [Fact]
    public async Task Interrupt_RunningHead_IsAskedToEndAndTheNewRunComesAfterIt()
    {
        var store = await CreateStoreAsync();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = store.SubscribeCancellations(id => told.TrySetResult(id));
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        var second = await AcceptAsync(store, Submission(store, session: "s", onBusy: SessionBusyPolicy.Interrupt));

        Assert.Equal(first, await SoonAsync(told.Task));
        await AssertNothingToClaimAsync(store);
        Assert.Equal([RunRenewalOutcome.CancelRequested], await store.RenewAsync([claim.Lease], Long, Token));
        await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Cancelled, SessionMessages = Encoding.UTF8.GetBytes("so far") }, Token);
        var next = await ClaimOneAsync(store);
        Assert.Equal((second, "so far"), (next.Run.Id, Encoding.UTF8.GetString(Assert.Single(next.Session!.Turns).Messages.Span)));
    }

    [Fact]
    public async Task Interrupt_HeadThatNeverBegan_IsLeft()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var second = await AcceptAsync(store, Submission(store, session: "s", onBusy: SessionBusyPolicy.Interrupt));
        var claim = await ClaimOneAsync(store);
        Assert.Equal(first, claim.Run.Id);
        await SucceedAsync(store, claim.Lease);

        Assert.Equal(second, (await ClaimOneAsync(store)).Run.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interrupt_HeadBetweenAttemptsOrWaiting_EndsAtOnceAndKeepsWhatItSaid(bool waits)
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        await store.AppendEventsAsync(claim.Lease, 1, [Event(AgentRunEventTypes.StepStarted), Text("dropped"), Event(AgentRunEventTypes.StepRestarted), Text("journaled")], Token);
        await store.CommitStepAsync(claim.Lease, Step("1"), [Event(AgentRunEventTypes.StepCompleted)], Token);
        await store.AppendEventsAsync(claim.Lease, 2, [Event(AgentRunEventTypes.StepStarted, "2"), Text("Hel", "2"), Text("lo", "2")], Token);
        if (waits)
        {
            await OpenAsync(store, claim.Lease);
            await SuspendAsync(store, claim.Lease);
        }
        else
        {
            await ReleaseAsync(store, claim.Lease, failed: true, Long);
        }

        var second = await AcceptAsync(store, Submission(store, session: "s", onBusy: SessionBusyPolicy.Interrupt));

        Assert.Equal(AgentRunStatus.Cancelled, (await GetAsync(store, first)).Status);
        var next = await ClaimOneAsync(store);
        var turn = Assert.Single(next.Session!.Turns);
        Assert.Equal((second, first, "Hello", "Hello"), (next.Run.Id, turn.RunId, turn.Message, turn.PartialText));
        Assert.Equal("payload 1", Encoding.UTF8.GetString(Assert.Single(turn.Journal).Payload.Span));
        Assert.Equal(waits ? ["w1"] : [], turn.Unanswered);
    }

    [Fact]
    public async Task Interrupt_HeadThatBeganAndSaidNothing_KeepsItsMessage()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, session: "s"));
        await ReleaseAsync(store, (await ClaimOneAsync(store)).Lease, failed: true, Long);
        await AcceptAsync(store, Submission(store, session: "s", onBusy: SessionBusyPolicy.Interrupt));

        var turn = Assert.Single((await ClaimOneAsync(store)).Session!.Turns);
        Assert.Equal(("Hello", 0, null), (turn.Message, turn.Journal.Count, turn.PartialText));
    }

    [Fact]
    public async Task Interrupt_HeadsWorkerIsDead_EndsWhenItsLeaseDoes()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store, lease: Unit);
        await store.AppendEventsAsync(claim.Lease, 1, [Event(AgentRunEventTypes.StepStarted), Text("tok")], Token);
        var second = await AcceptAsync(store, Submission(store, session: "s", onBusy: SessionBusyPolicy.Interrupt));
        Assert.Equal(1, (await LoseLeasesAsync(store)).Cancelled);

        var next = await ClaimOneAsync(store);
        var turn = Assert.Single(next.Session!.Turns);
        Assert.Equal((second, first, "Hello", "tok"), (next.Run.Id, turn.RunId, turn.Message, turn.PartialText));
    }

    [Theory]
    [InlineData("queued")]
    [InlineData("running")]
    [InlineData("released")]
    [InlineData("waiting")]
    public async Task Rollback_HeadWithoutEffects_IsGoneAtOnce(string state)
    {
        var store = await CreateStoreAsync();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = store.SubscribeCancellations(id => told.TrySetResult(id));
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = state == "queued" ? null : await ClaimOneAsync(store);
        if (claim is not null)
        {
            await store.CommitStepAsync(claim.Lease, Step("1"), [Event(AgentRunEventTypes.StepStarted)], Token);
            await store.CommitStepAsync(claim.Lease, Step("1.0"), [Event(AgentRunEventTypes.StepStarted, "1.0")], Token);
            if (state == "released")
            {
                await ReleaseAsync(store, claim.Lease, failed: true, Long);
            }
            else if (state == "waiting")
            {
                await OpenAsync(store, claim.Lease);
                await SuspendAsync(store, claim.Lease);
            }
        }

        var second = await AcceptAsync(store, Submission(store, session: "s", onBusy: SessionBusyPolicy.Rollback));

        if (state == "running")
        {
            // Its worker need not find out by itself.
            Assert.Equal(first, await SoonAsync(told.Task));
        }

        Assert.Equal(AgentRunStatus.Cancelled, (await GetAsync(store, first)).Status);
        Assert.EndsWith(AgentRunEventTypes.RunCancelled, await EventTypesAsync(store, first), StringComparison.Ordinal);
        if (claim is not null)
        {
            Assert.Equal(RunWriteOutcome.LeaseLost, await store.CommitStepAsync(claim.Lease, Step("2"), [], Token));
            Assert.Equal(RunWriteOutcome.LeaseLost, await store.AppendEventsAsync(claim.Lease, 9, [Text("late")], Token));
            Assert.Equal(RunWriteOutcome.LeaseLost, await SucceedAsync(store, claim.Lease, turn: "late"));
        }

        var next = await ClaimOneAsync(store);
        Assert.Equal((second, 0L, 0), (next.Run.Id, next.Session!.Version, next.Session.Turns.Count));
    }

    [Theory]
    [InlineData("journaled")]
    [InlineData("begun")]
    [InlineData("begun by a lost worker")]
    public async Task Rollback_HeadWithEffects_IsRefusedAndNothingChanges(string how)
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store, lease: Unit);
        if (how == "journaled")
        {
            await store.CommitStepAsync(claim.Lease, new RunStep { Key = "1.0", Kind = RunStepKind.Tool, Name = "pay", Attempt = 1, HasEffects = true }, [], Token);
        }
        else
        {
            await store.AppendEventsAsync(claim.Lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, Step = "1.0", HasEffects = true }], Token);
        }

        if (how == "begun by a lost worker")
        {
            await LoseLeasesAsync(store);
        }

        var refused = Submission(store, session: "s", onBusy: SessionBusyPolicy.Rollback);
        var result = await store.EnqueueAsync(refused, Token);

        Assert.Equal((RunEnqueueOutcome.RollbackRefused, first, "1.0"), (result.Outcome, result.RunId, result.Step));
        Assert.Null(await store.GetAsync(refused.Id, Token));
        Assert.False((await GetAsync(store, first)).Status.IsTerminal());
        if (how != "begun by a lost worker")
        {
            Assert.Equal(RunWriteOutcome.Committed, await SucceedAsync(store, claim.Lease, turn: "all"));
        }
    }

    [Fact]
    public async Task Rollback_OthersBehindTheHead_KeepTheirOrder()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, session: "s"));
        await ClaimOneAsync(store);
        var second = await AcceptAsync(store, Submission(store, session: "s"));
        var third = await AcceptAsync(store, Submission(store, session: "s", onBusy: SessionBusyPolicy.Rollback));
        var claim = Assert.Single(await ClaimAsync(store, 10));
        Assert.Equal(second, claim.Run.Id);
        await SucceedAsync(store, claim.Lease);

        Assert.Equal(third, (await ClaimOneAsync(store)).Run.Id);
    }

    [Theory]
    [InlineData(SessionBusyPolicy.Interrupt)]
    [InlineData(SessionBusyPolicy.Rollback)]
    public async Task Policy_SubmissionIsRepeated_ChangesNothingASecondTime(SessionBusyPolicy policy)
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, session: "s"));
        await ReleaseAsync(store, (await ClaimOneAsync(store)).Lease, failed: true);
        var submission = Submission(store, session: "s", onBusy: policy, key: "k");
        await AcceptAsync(store, submission);
        var claim = await ClaimOneAsync(store);
        Assert.Equal(submission.Id, claim.Run.Id);
        var byId = await store.EnqueueAsync(submission, Token);
        var byKey = await store.EnqueueAsync(Submission(store, session: "s", onBusy: policy, key: "k"), Token);

        Assert.Equal((RunEnqueueOutcome.Replayed, submission.Id), (byId.Outcome, byId.RunId));
        Assert.Equal((RunEnqueueOutcome.Replayed, submission.Id), (byKey.Outcome, byKey.RunId));
        Assert.Equal([RunRenewalOutcome.Held], await store.RenewAsync([claim.Lease], Long, Token));
    }

    [Theory]
    [InlineData(SessionBusyPolicy.Interrupt)]
    [InlineData(SessionBusyPolicy.Rollback)]
    public async Task Policy_QueueIsFull_LeavesTheHead(SessionBusyPolicy policy)
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxUnfinishedRuns = 1 });
        await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        var result = await store.EnqueueAsync(Submission(store, session: "s", onBusy: policy), Token);

        Assert.Equal(RunEnqueueOutcome.Full, result.Outcome);
        Assert.Equal([RunRenewalOutcome.Held], await store.RenewAsync([claim.Lease], Long, Token));
    }
}
