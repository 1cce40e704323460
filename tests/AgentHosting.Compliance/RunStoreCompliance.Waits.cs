using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>Runs that wait for an answer from outside.</content>
public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Suspend_OpenWait_HoldsNothingUntilItIsAnswered()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 1 });
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        Assert.Equal(RunWriteOutcome.Committed, (await OpenAsync(store, claim.Lease)).Outcome);
        Assert.Equal(RunWriteOutcome.Committed, await SuspendAsync(store, claim.Lease));

        var run = await GetAsync(store, id);
        Assert.Equal((AgentRunStatus.Waiting, "r1", 0), (run.Status, Assert.Single(run.Waits).RequestId, run.Attempts));
        var statistics = await store.GetStatisticsAsync(Token);
        Assert.Equal((1, 0, 0), (statistics.Waiting, statistics.Running, statistics.Ready));
        await AssertNothingToClaimAsync(store);
        // Its tenant's only place is free for another run.
        await AcceptAsync(store);
        var other = await ClaimOneAsync(store);
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CommitStepAsync(claim.Lease, Step("1"), [], Token));
        await SucceedAsync(store, other.Lease);

        Assert.Equal(RunAnswerOutcome.Accepted, await AnswerAsync(store, id, "yes"));
        var again = await ClaimOneAsync(store);
        Assert.Equal((id, 1), (again.Run.Id, again.Lease.Attempt));
        Assert.Empty(again.Run.Waits);
        var step = Assert.Single(again.Journal);
        Assert.Equal(("w1", RunStepKind.Approval, "yes"), (step.Key, step.Kind, Encoding.UTF8.GetString(step.Payload.Span)));
        await SucceedAsync(store, again.Lease);
        Assert.Equal("run.queued run.started approval.requested run.waiting approval.answered run.started run.completed", await EventTypesAsync(store, id));
    }

    [Fact]
    public async Task Open_AgainAndAfterTheAnswer_ChangesNothing()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease);
        var again = await OpenAsync(store, claim.Lease);
        Assert.Equal((RunWriteOutcome.AlreadyCommitted, null), (again.Outcome, again.Answer));
        await AnswerAsync(store, id, "yes");
        var answered = await OpenAsync(store, claim.Lease);

        Assert.Equal((RunWriteOutcome.AlreadyCommitted, "w1"), (answered.Outcome, answered.Answer?.Key));
        Assert.Equal("run.queued run.started approval.requested approval.answered", await EventTypesAsync(store, id));
        await store.CompleteAsync(claim.Lease, Success(), Token);
        Assert.Equal(RunWriteOutcome.LeaseLost, (await OpenAsync(store, claim.Lease)).Outcome);
    }

    [Fact]
    public async Task Answer_BeforeTheSuspension_IsNotLost()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease);
        await OpenAsync(store, claim.Lease, 2);
        Assert.Equal(RunAnswerOutcome.Accepted, await AnswerAsync(store, id, "yes"));
        await SuspendAsync(store, claim.Lease);

        // Although another is open: what this answer allows can be done now.
        Assert.Equal(AgentRunStatus.Queued, (await GetAsync(store, id)).Status);
        var again = await ClaimOneAsync(store);
        Assert.Single(again.Journal);
        await SuspendAsync(store, again.Lease);
        Assert.Equal(AgentRunStatus.Waiting, (await GetAsync(store, id)).Status);
    }

    [Fact]
    public async Task Suspend_NothingOpen_IsReadyAtOnce()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await SuspendAsync(store, claim.Lease);

        Assert.Equal(id, (await ClaimOneAsync(store)).Run.Id);
    }

    [Fact]
    public async Task Suspend_Repeated_IsRecognizedUntilAnotherHasTheRun()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease);
        await SuspendAsync(store, claim.Lease);
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await SuspendAsync(store, claim.Lease));
        await AnswerAsync(store, id, "yes");
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await SuspendAsync(store, claim.Lease));
        await ClaimOneAsync(store);

        Assert.Equal(RunWriteOutcome.LeaseLost, await SuspendAsync(store, claim.Lease));
    }

    [Fact]
    public async Task Answer_AgainOtherUnknownAndLate_FirstHolds()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease);
        await OpenAsync(store, claim.Lease, 2);
        await SuspendAsync(store, claim.Lease);

        Assert.Equal(RunAnswerOutcome.NotFound, await AnswerAsync(store, id, "yes", "r9"));
        Assert.Equal(RunAnswerOutcome.NotFound, await AnswerAsync(store, "run_0_unknown", "yes"));
        Assert.Equal(RunAnswerOutcome.Accepted, await AnswerAsync(store, id, "yes"));
        Assert.Equal(RunAnswerOutcome.Repeated, await AnswerAsync(store, id, "yes"));
        Assert.Equal(RunAnswerOutcome.Conflict, await AnswerAsync(store, id, "no"));
        await store.CancelAsync(id, Token);
        Assert.Equal(RunAnswerOutcome.Repeated, await AnswerAsync(store, id, "yes"));
        Assert.Equal(RunAnswerOutcome.Ended, await AnswerAsync(store, id, "yes", "r2"));
        Assert.Equal(RunAnswerOutcome.NotFound, await AnswerAsync(store, id, "yes", "r9"));
    }

    [Fact]
    public async Task Wait_TimeIsUp_IsAnsweredByTheClock()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease, timeout: Unit);
        await SuspendAsync(store, claim.Lease);
        await AssertNothingToClaimAsync(store);
        await AdvanceAsync(MoreThanUnit);
        await SoonAsync(store.WaitForWorkAsync(Long, Token));
        var again = await ClaimOneAsync(store);

        Assert.Equal("late", Encoding.UTF8.GetString(Assert.Single(again.Journal).Payload.Span));
        Assert.Equal(RunAnswerOutcome.Conflict, await AnswerAsync(store, id, "yes"));
        Assert.Equal(RunAnswerOutcome.Repeated, await AnswerAsync(store, id, "late"));
    }

    [Fact]
    public async Task Wait_LongerThanTheRunWouldKeep_DoesNotExpireIt()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, expireAfter: Unit));
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease);
        await SuspendAsync(store, claim.Lease);
        await AdvanceAsync(Unit * 3);
        Assert.Equal(0, (await SweepAsync(store)).Expired);
        await AnswerAsync(store, id, "yes");

        Assert.Equal(id, (await ClaimOneAsync(store)).Run.Id);
    }

    [Fact]
    public async Task Cancel_Waiting_EndsAtOnceAndTheSessionGoesOn()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        await store.CommitStepAsync(claim.Lease, Step("1"), [], Token);
        await OpenAsync(store, claim.Lease);
        await SuspendAsync(store, claim.Lease);
        var refused = await store.EnqueueAsync(Submission(store, session: "s"), Token);
        Assert.Equal((RunEnqueueOutcome.SessionWaiting, id, "r1"), (refused.Outcome, refused.RunId, refused.RequestId));
        Assert.Equal(RunCancelOutcome.Cancelled, await store.CancelAsync(id, Token));
        await AcceptAsync(store, Submission(store, session: "s"));

        var next = await ClaimOneAsync(store);
        var turn = Assert.Single(next.Session!.Turns);
        Assert.Equal((id, "Hello", "payload 1"), (turn.RunId, turn.Message, Encoding.UTF8.GetString(Assert.Single(turn.Journal).Payload.Span)));
        Assert.Equal(["w1"], turn.Unanswered);
        Assert.Equal(0, (await store.GetStatisticsAsync(Token)).Waiting);
    }

    [Fact]
    public async Task Suspend_CancelRequested_EndsTheRun()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease);
        await store.CancelAsync(id, Token);
        await SuspendAsync(store, claim.Lease);

        Assert.Equal(AgentRunStatus.Cancelled, (await GetAsync(store, id)).Status);
    }

    private static ValueTask<RunWaitResult> OpenAsync(IRunStore store, RunLease lease, int number = 1, TimeSpan? timeout = null) => store.OpenWaitAsync(
        lease,
        new RunWait
        {
            Key = "w" + Text(number),
            RequestId = "r" + Text(number),
            Kind = RunStepKind.Approval,
            Name = "tool",
            Timeout = timeout,
            AnswerWhenDue = timeout is null ? null : AnswerOf("late"),
        },
        [Event(AgentRunEventTypes.ApprovalRequested)],
        Token);

    private static ValueTask<RunWriteOutcome> SuspendAsync(IRunStore store, RunLease lease) => store.SuspendAsync(lease, new RunSuspension(), Token);

    private static ValueTask<RunAnswerOutcome> AnswerAsync(IRunStore store, string runId, string decision, string requestId = "r1") =>
        store.AnswerAsync(runId, requestId, AnswerOf(decision), Token);

    private static RunAnswer AnswerOf(string decision) =>
        new() { Decision = decision, Payload = Encoding.UTF8.GetBytes(decision), Event = Event(AgentRunEventTypes.ApprovalAnswered) };
}
