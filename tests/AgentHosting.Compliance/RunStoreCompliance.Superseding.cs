using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>Messages that make a waiting run of their session go on, and the end of sessions.</content>
public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Supersede_HeadWaitsForApprovals_AllAreAnsweredAndItGoesOn()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        await OpenSupersedableAsync(store, claim.Lease, 1);
        await OpenSupersedableAsync(store, claim.Lease, 2);
        await SuspendAsync(store, claim.Lease);
        var submission = Superseding(store, key: "k");
        await AcceptAsync(store, submission);

        Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(submission, Token)).Outcome);
        var again = Assert.Single(await ClaimAsync(store, 10));
        Assert.Equal(first, again.Run.Id);
        Assert.Empty(again.Run.Waits);
        Assert.Equal(["w1 superseded", "w2 superseded"], again.Journal.Select(step => $"{step.Key} {Encoding.UTF8.GetString(step.Payload.Span)}"));
        Assert.Equal(RunAnswerOutcome.Conflict, await AnswerAsync(store, first, "yes"));
        Assert.Equal(
            "run.queued run.started approval.requested approval.requested run.waiting approval.answered approval.answered run.started", await EventTypesAsync(store, first));
        await SucceedAsync(store, again.Lease, turn: "went on");
        Assert.Equal(submission.Id, (await ClaimOneAsync(store)).Run.Id);
    }

    [Fact]
    public async Task Supersede_HeadWaitsForWhatOnlyComesFromOutside_IsCancelledAndKept()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        await store.CommitStepAsync(claim.Lease, Step("1"), [], Token);
        await OpenSupersedableAsync(store, claim.Lease, 1);
        await OpenAsync(store, claim.Lease, 2);
        await SuspendAsync(store, claim.Lease);
        var second = await AcceptAsync(store, Superseding(store));

        Assert.Equal(AgentRunStatus.Cancelled, (await GetAsync(store, first)).Status);
        var next = await ClaimOneAsync(store);
        var turn = Assert.Single(next.Session!.Turns);
        Assert.Equal((second, first, "Hello"), (next.Run.Id, turn.RunId, turn.Message));
        Assert.Equal(["w1", "w2"], turn.Unanswered);
    }

    [Fact]
    public async Task Supersede_HeadIsRunning_CountsOnceItWouldWait()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        await OpenSupersedableAsync(store, claim.Lease, 1);
        await AcceptAsync(store, Superseding(store));
        Assert.Equal("r1", Assert.Single((await GetAsync(store, first)).Waits).RequestId);
        await SuspendAsync(store, claim.Lease);

        var again = Assert.Single(await ClaimAsync(store, 10));
        Assert.Equal((first, "superseded"), (again.Run.Id, Encoding.UTF8.GetString(Assert.Single(again.Journal).Payload.Span)));
        Assert.DoesNotContain(AgentRunEventTypes.RunWaiting, await EventTypesAsync(store, first), StringComparison.Ordinal);
        // What it asks then is answered in the same way.
        await OpenAsync(store, again.Lease, 2);
        await SuspendAsync(store, again.Lease);
        Assert.Equal(AgentRunStatus.Cancelled, (await GetAsync(store, first)).Status);
    }

    [Fact]
    public async Task Enqueue_HeadsTimeIsUp_IsNotRefusedAsWaiting()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        await OpenAsync(store, claim.Lease, timeout: Unit);
        await SuspendAsync(store, claim.Lease);
        await AdvanceAsync(MoreThanUnit);

        await AcceptAsync(store, Submission(store, session: "s"));
    }

    [Fact]
    public async Task Session_SameUserOfAnotherTenant_IsAnotherSessionAndAnotherKey()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, tenant: "a", session: "s", key: "k"));
        await AcceptAsync(store, Submission(store, tenant: "b", session: "s", key: "k"));
        var claims = await ClaimAsync(store, 10);
        Assert.Equal(2, claims.Count);
        await SucceedAsync(store, claims.Single(claim => claim.Run.Identity.TenantId == "a").Lease, turn: "of a");

        Assert.Empty((await store.GetSessionAsync(new AgentIdentity { UserId = "ann", TenantId = "b" }, "s", Token))!.Turns);
        Assert.Null(await store.GetSessionAsync(Ann, "s", Token));
    }

    [Fact]
    public async Task DeleteSession_BusyThenIdle_IsErasedOnce()
    {
        var store = await CreateStoreAsync();
        Assert.Equal(SessionDeleteOutcome.NotFound, await store.DeleteSessionAsync(Ann, "s", Token));
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        Assert.Equal(SessionDeleteOutcome.Busy, await store.DeleteSessionAsync(Ann, "s", Token));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "one");

        Assert.Equal(SessionDeleteOutcome.NotFound, await store.DeleteSessionAsync(new AgentIdentity { UserId = "bob" }, "s", Token));
        Assert.Equal(SessionDeleteOutcome.Deleted, await store.DeleteSessionAsync(Ann, "s", Token));
        Assert.Equal(SessionDeleteOutcome.NotFound, await store.DeleteSessionAsync(Ann, "s", Token));
        Assert.Null(await store.GetSessionAsync(Ann, "s", Token));
        Assert.Equal(AgentRunStatus.Succeeded, (await GetAsync(store, first)).Status);
        await AcceptAsync(store, Submission(store, session: "s"));
        Assert.Equal(0, (await ClaimOneAsync(store)).Session!.Version);
    }

    private static RunSubmission Superseding(IRunStore store, string? key = null) => new()
    {
        Id = store.CreateRunId("ann"),
        Agent = Agent,
        Message = "Hello",
        Identity = Ann,
        SessionId = "s",
        Supersede = true,
        ExpireAfter = Long,
        IdempotencyKey = key,
        Fingerprint = "same",
    };

    private static ValueTask<RunWaitResult> OpenSupersedableAsync(IRunStore store, RunLease lease, int number) => store.OpenWaitAsync(
        lease,
        new RunWait
        {
            Key = "w" + Text(number),
            RequestId = "r" + Text(number),
            Kind = RunStepKind.Approval,
            Name = "tool",
            AnswerWhenSuperseded = AnswerOf("superseded"),
        },
        [Event(AgentRunEventTypes.ApprovalRequested)],
        Token);
}
