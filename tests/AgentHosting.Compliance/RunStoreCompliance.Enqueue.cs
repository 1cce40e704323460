using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task CreateRunId_ManyTimes_GivesDifferentIds()
    {
        var store = await CreateStoreAsync();
        var ids = Enumerable.Range(0, 1000).Select(_ => store.CreateRunId("ann")).ToList();

        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, id => Assert.Matches("^run_[0-9]+_[0-9a-zA-Z]+$", id));
    }

    [Fact]
    public async Task Enqueue_Run_KeepsAllThatWasSubmitted()
    {
        var store = await CreateStoreAsync();
        var submission = new RunSubmission
        {
            Id = store.CreateRunId("acme"),
            Agent = Agent,
            Message = "Grüße, 世界 🌍",
            Identity = new AgentIdentity { UserId = "ann", TenantId = "acme", Claims = [new AgentClaim { Type = "role", Value = "admin" }] },
            SessionId = "chat",
            Priority = 7,
            ExpireAfter = Long,
            Metadata = new Dictionary<string, string> { ["source"] = "test" },
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        await AcceptAsync(store, submission);
        var run = await GetAsync(store, submission.Id);
        var claim = await ClaimOneAsync(store);

        Assert.Equal((submission.Id, Agent, AgentRunStatus.Queued, submission.Message), (run.Id, run.Agent, run.Status, run.Message));
        Assert.Equal(("ann", "acme", "chat", 7), (run.Identity.UserId, run.Identity.TenantId, run.SessionId, run.Priority));
        Assert.Equal("admin", Assert.Single(run.Identity.Claims).Value);
        Assert.Equal("test", run.Metadata["source"]);
        Assert.Equal(run.CreatedAt + Long, run.ExpiresAt);
        Assert.Equal(submission.TraceParent, claim.TraceParent);
        Assert.Equal((submission.Message, AgentRunStatus.Running, 1), (claim.Run.Message, claim.Run.Status, claim.Run.Attempts));
        Assert.Equal((submission.Id, "w1", 1), (claim.Lease.RunId, claim.Lease.WorkerId, claim.Lease.Attempt));
        Assert.NotNull(claim.Run.StartedAt);
        Assert.Empty(claim.Journal);
    }

    [Fact]
    public async Task Enqueue_OneKeyFiftyTimesAtOnce_CreatesOneRun()
    {
        var store = await CreateStoreAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(
            async () => await store.EnqueueAsync(Submission(store, key: "k"), Token), Token)));

        Assert.Single(results, result => result.Outcome == RunEnqueueOutcome.Enqueued);
        Assert.Equal(49, results.Count(result => result.Outcome == RunEnqueueOutcome.Replayed));
        var id = Assert.Single(results.Select(result => result.RunId).Distinct());
        Assert.Equal(id, Assert.Single(await ClaimAsync(store, 50)).Run.Id);
    }

    [Fact]
    public async Task Enqueue_KeyWithOtherFingerprint_IsAConflictAndStoresNothing()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, key: "k", fingerprint: "one"));
        var other = Submission(store, key: "k", fingerprint: "two");
        var result = await store.EnqueueAsync(other, Token);

        Assert.Equal((RunEnqueueOutcome.IdempotencyConflict, first), (result.Outcome, result.RunId));
        Assert.Null(await store.GetAsync(other.Id, Token));
        Assert.Single(await ClaimAsync(store, 10));
    }

    [Fact]
    public async Task FindByIdempotencyKey_AnswersAsEnqueueWouldAndChangesNothing()
    {
        var store = await CreateStoreAsync();
        var submission = Submission(store, key: "k", fingerprint: "one");
        Assert.Null(await store.FindByIdempotencyKeyAsync(submission, Token));
        Assert.Null(await store.FindByIdempotencyKeyAsync(Submission(store), Token));
        var first = await AcceptAsync(store, submission);

        var same = await store.FindByIdempotencyKeyAsync(Submission(store, key: "k", fingerprint: "one"), Token);
        var other = await store.FindByIdempotencyKeyAsync(Submission(store, key: "k", fingerprint: "two"), Token);

        Assert.Equal((RunEnqueueOutcome.Replayed, first), (same?.Outcome, same?.RunId));
        Assert.Equal((RunEnqueueOutcome.IdempotencyConflict, first), (other?.Outcome, other?.RunId));
        Assert.Null(await store.FindByIdempotencyKeyAsync(Submission(store, "bob", key: "k", fingerprint: "one"), Token));
        Assert.Single(await ClaimAsync(store, 10));
    }

    [Theory]
    [InlineData("ann", "k", "bob", "k")]
    [InlineData("a", "b:c", "a:b", "c")]
    public async Task Enqueue_SameKeyOfAnotherOwner_IsAnotherRun(string user, string key, string otherUser, string otherKey)
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, user, key: key));
        await AcceptAsync(store, Submission(store, otherUser, key: otherKey));

        Assert.Equal(2, (await ClaimAsync(store, 10)).Count);
    }

    [Fact]
    public async Task Enqueue_KeyAfterItsRunWasRemoved_IsReplayedUntilTheKeyExpires()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { Retention = Unit, IdempotencyRetention = Unit * 3 });
        var first = await AcceptAsync(store, Submission(store, key: "k"));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
        await AdvanceAsync(MoreThanUnit);
        await SweepAsync(store);

        Assert.Null(await store.GetAsync(first, Token));
        var again = await store.EnqueueAsync(Submission(store, key: "k"), Token);
        Assert.Equal((RunEnqueueOutcome.Replayed, first), (again.Outcome, again.RunId));
        await AdvanceAsync(Unit * 3);
        var second = await AcceptAsync(store, Submission(store, key: "k", fingerprint: "other"));
        await SweepAsync(store);
        Assert.Equal(second, (await store.EnqueueAsync(Submission(store, key: "k", fingerprint: "other"), Token)).RunId);
    }

    [Fact]
    public async Task Enqueue_SameIdFiftyTimesAtOnce_CreatesOneRun()
    {
        var store = await CreateStoreAsync();
        var submission = Submission(store);
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await store.EnqueueAsync(submission, Token), Token)));

        Assert.Single(results, result => result.Outcome == RunEnqueueOutcome.Enqueued);
        Assert.All(results, result => Assert.Equal(submission.Id, result.RunId));
        Assert.Single(await ClaimAsync(store, 50));
        Assert.Equal("run.queued run.started", await EventTypesAsync(store, submission.Id));
    }

    [Fact]
    public async Task Enqueue_SameIdAfterItsRunEnded_IsReplayed()
    {
        var store = await CreateStoreAsync();
        var submission = Submission(store);
        await AcceptAsync(store, submission);
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);

        Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(submission, Token)).Outcome);
        await AssertNothingToClaimAsync(store);
    }

    [Fact]
    public async Task Enqueue_BusySessionWithReject_NamesTheRunAndStoresNothing()
    {
        var store = await CreateStoreAsync();
        var busy = await AcceptAsync(store, Submission(store, session: "s"));
        await AcceptAsync(store, Submission(store, session: "s"));
        var refused = Submission(store, session: "s", onBusy: SessionBusyPolicy.Reject, key: "k");
        var result = await store.EnqueueAsync(refused, Token);

        Assert.Equal((RunEnqueueOutcome.SessionBusy, busy), (result.Outcome, result.RunId));
        Assert.Null(await store.GetAsync(refused.Id, Token));
        await store.CancelAsync(busy, Token);
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
        await AcceptAsync(store, refused);
    }

    [Fact]
    public async Task Enqueue_SeveralReasonsToRefuse_DecidesIdempotencyThenSessionThenCapacity()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxUnfinishedRuns = 1 });
        var first = await AcceptAsync(store, Submission(store, session: "s", key: "k"));
        async Task<RunEnqueueOutcome> Try(string? session, string? key) =>
            (await store.EnqueueAsync(Submission(store, session: session, onBusy: SessionBusyPolicy.Reject, key: key), Token)).Outcome;

        Assert.Equal(RunEnqueueOutcome.Replayed, await Try("s", "k"));
        Assert.Equal(RunEnqueueOutcome.SessionBusy, await Try("s", "k2"));
        Assert.Equal(RunEnqueueOutcome.Full, await Try("s2", "k2"));
        Assert.Equal(RunCancelOutcome.Cancelled, await store.CancelAsync(first, Token));
        Assert.Equal(RunEnqueueOutcome.Enqueued, await Try("s2", "k2"));
    }

    [Fact]
    public async Task Enqueue_FiftyAtOnceIntoAQueueOfTen_AcceptsTen()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxUnfinishedRuns = 10 });
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(
            async () => await store.EnqueueAsync(Submission(store, "user" + Text(i), "acme"), Token), Token)));

        Assert.Equal(10, results.Count(result => result.Outcome == RunEnqueueOutcome.Enqueued));
        Assert.Equal(40, results.Count(result => result.Outcome == RunEnqueueOutcome.Full && result.RunId is null));
        Assert.Equal(10, (await ClaimAsync(store, 50)).Count);
    }

    [Fact]
    public async Task Enqueue_UnfinishedRunsTakeTooManyBytes_IsRefusedUntilSomeAreDone()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxUnfinishedBytes = 100 });
        // The message has 6 bytes as UTF-8, the label 3.
        RunSubmission Labelled() => new()
        {
            Id = store.CreateRunId("ann"),
            Agent = Agent,
            Message = "Grüß",
            Identity = new AgentIdentity { UserId = "ann" },
            ExpireAfter = Long,
            Metadata = new Dictionary<string, string> { ["k"] = "vv" },
        };
        for (var i = 0; i < 5; i++)
        {
            await AcceptAsync(store, Labelled());
        }

        Assert.Equal(45, (await store.GetStatisticsAsync(Token)).UnfinishedBytes);
        var claim = await ClaimOneAsync(store);
        var step = new RunStep { Key = "m1", Kind = RunStepKind.Model, Name = "model", Attempt = 1, Payload = new byte[47] };
        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(claim.Lease, step, [], Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.CommitStepAsync(claim.Lease, step, [], Token));

        Assert.Equal(92 + PayloadOverhead, (await store.GetStatisticsAsync(Token)).UnfinishedBytes);
        Assert.Equal(RunEnqueueOutcome.Full, (await store.EnqueueAsync(Labelled(), Token)).Outcome);
        // What is accepted goes on.
        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(claim.Lease, new RunStep { Key = "m2", Kind = RunStepKind.Model, Name = "model", Attempt = 1, Payload = new byte[20] }, [], Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Failed, Error = new AgentRunError { Code = "x", Message = "x" } }, Token));
        Assert.Equal(36, (await store.GetStatisticsAsync(Token)).UnfinishedBytes);

        // With its journal the dead letter takes 76 more, which is too much; without, 9.
        Assert.Equal(RunRequeueOutcome.Full, (await store.RequeueAsync(claim.Run.Id, Requeue(keepJournal: true), Token)).Outcome);
        Assert.Equal(RunRequeueOutcome.Requeued, (await store.RequeueAsync(claim.Run.Id, Requeue(keepJournal: false), Token)).Outcome);
        Assert.Equal(45, (await store.GetStatisticsAsync(Token)).UnfinishedBytes);

        RunRequeue Requeue(bool keepJournal) => new() { NewRunId = store.CreateRunId("ann"), KeepJournal = keepJournal, ExpireAfter = Long };
    }
}
