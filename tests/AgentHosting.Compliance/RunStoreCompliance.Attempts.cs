using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task CommitStep_Twice_StoresItAndItsEventsOnce()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        var step = Step("1", usage: new AgentRunUsage { InputTokens = 3, TotalTokens = 3 }, cost: 0.5m);

        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(claim.Lease, step, [Event("step.completed")], Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.CommitStepAsync(claim.Lease, step, [Event("step.completed")], Token));
        var run = await GetAsync(store, id);
        Assert.Equal((1, 3L, 0.5m), (run.Steps.Count, run.Usage.TotalTokens, run.Cost));
        Assert.Equal("run.queued run.started step.completed", await EventTypesAsync(store, id));
    }

    [Fact]
    public async Task ReleaseAndComplete_CostBeyondSteps_IsAddedOnce()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        await store.CommitStepAsync(first.Lease, Step("1", cost: 1), [], Token);
        var release = new RunRelease { Failed = true, Cost = 0.25m };
        Assert.Equal(RunWriteOutcome.Committed, await store.ReleaseAsync(first.Lease, release, Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.ReleaseAsync(first.Lease, release, Token));
        Assert.Equal(1.25m, (await GetAsync(store, id)).Cost);
        var second = await ClaimOneAsync(store);
        var completion = new RunCompletion { Status = AgentRunStatus.Succeeded, Result = "done", Cost = 0.5m };

        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CompleteAsync(first.Lease, completion, Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.CompleteAsync(second.Lease, completion, Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.CompleteAsync(second.Lease, completion, Token));
        Assert.Equal(1.75m, (await GetAsync(store, id)).Cost);
    }

    [Fact]
    public async Task CommitStep_KeyOfAnEarlierAttempt_KeepsTheEarlierStep()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        await store.CommitStepAsync(first.Lease, Step("1", cost: 1), [], Token);
        await ReleaseAsync(store, first.Lease, failed: true);
        var second = await ClaimOneAsync(store);

        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.CommitStepAsync(second.Lease, Step("1", attempt: 2, cost: 9), [Text("x")], Token));
        var run = await GetAsync(store, id);
        Assert.Equal((1, 1m), (Assert.Single(run.Steps).Attempt, run.Cost));
        Assert.DoesNotContain("text.delta", await EventTypesAsync(store, id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommitStep_ArgumentIsMissing_ThrowsAndStoresNothing()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);

        await Assert.ThrowsAsync<ArgumentNullException>(async () => await store.CommitStepAsync(claim.Lease, Step("1"), null!, Token));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await store.AppendEventsAsync(claim.Lease, 1, null!, Token));
        Assert.Empty((await GetAsync(store, id)).Steps);
        Assert.Equal(RunWriteOutcome.Committed, await store.AppendEventsAsync(claim.Lease, 1, [], Token));
    }

    [Fact]
    public async Task Release_OfAnAttemptThatWasCutOff_IsAnAttemptAndNeitherFailureNorCrash()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        var release = new RunRelease { Failed = false, Interrupted = true, Cost = 0.5m };

        Assert.Equal(RunWriteOutcome.Committed, await store.ReleaseAsync(first.Lease, release, Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.ReleaseAsync(first.Lease, release, Token));
        var second = await ClaimOneAsync(store);
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.ReleaseAsync(first.Lease, release, Token));

        Assert.Equal((2, 0, 0, 0.5m), ((await store.GetAsync(id, Token))!.Attempts, second.Run.Failures, second.Run.Crashes, second.Run.Cost));
    }

    [Fact]
    public async Task AppendEvents_BatchTwice_StoresItOnceAndNumbersPerAttempt()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);

        Assert.Equal(RunWriteOutcome.Committed, await store.AppendEventsAsync(first.Lease, 1, [Text("a"), Text("b")], Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.AppendEventsAsync(first.Lease, 1, [Text("a"), Text("b")], Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.AppendEventsAsync(first.Lease, 2, [Text("c")], Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.AppendEventsAsync(first.Lease, 1, [Text("a")], Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.AppendEventsAsync(first.Lease, 0, [Text("z")], Token));
        await ReleaseAsync(store, first.Lease, failed: false);
        var second = await ClaimOneAsync(store);
        Assert.Equal(RunWriteOutcome.Committed, await store.AppendEventsAsync(second.Lease, 1, [Text("d")], Token));

        Assert.Equal("abcd", string.Concat((await ReadAllAsync(store, id)).Select(runEvent => runEvent.Text)));
    }

    [Fact]
    public async Task Complete_Twice_EndsTheRunOnce()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);

        Assert.Equal(RunWriteOutcome.Committed, await SucceedAsync(store, claim.Lease));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await SucceedAsync(store, claim.Lease, "other"));
        Assert.Equal(RunWriteOutcome.LeaseLost, await ReleaseAsync(store, claim.Lease, failed: true));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CommitStepAsync(claim.Lease, Step("9"), [], Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.AppendEventsAsync(claim.Lease, 9, [Text("x")], Token));
        var run = await GetAsync(store, id);
        Assert.Equal((AgentRunStatus.Succeeded, "done"), (run.Status, run.Result));
        Assert.NotNull(run.CompletedAt);
        Assert.Equal("run.queued run.started run.completed", await EventTypesAsync(store, id));
    }

    [Theory]
    [InlineData(AgentRunStatus.Failed, "run.failed")]
    [InlineData(AgentRunStatus.Cancelled, "run.cancelled")]
    [InlineData(AgentRunStatus.Expired, "run.expired")]
    public async Task Complete_WithoutResult_KeepsStatusErrorAndEvent(AgentRunStatus status, string type)
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var error = status == AgentRunStatus.Cancelled ? null : new AgentRunError { Code = "code", Message = "Why." };
        await store.CompleteAsync((await ClaimOneAsync(store)).Lease, new RunCompletion { Status = status, Error = error }, Token);
        var run = await GetAsync(store, id);
        var last = (await ReadAllAsync(store, id))[^1];

        Assert.Equal((status, error?.Code, error?.Message), (run.Status, run.Error?.Code, run.Error?.Message));
        Assert.Equal((type, id, error?.Code), (last.Type, last.RunId, last.Error?.Code));
        Assert.Equal(status == AgentRunStatus.Failed ? 1 : 0, run.Failures);
    }

    [Theory]
    [InlineData(AgentRunStatus.Queued)]
    [InlineData(AgentRunStatus.Running)]
    public async Task Complete_WithAStatusThatIsNoEnd_Throws(AgentRunStatus status)
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);

        await Assert.ThrowsAsync<ArgumentException>(async () => await store.CompleteAsync(claim.Lease, new RunCompletion { Status = status }, Token));
        Assert.Equal(RunWriteOutcome.Committed, await SucceedAsync(store, claim.Lease));
    }

    [Fact]
    public async Task Release_Twice_CountsOnceUntilAnotherWorkerHasTheRun()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);

        Assert.Equal(RunWriteOutcome.Committed, await ReleaseAsync(store, claim.Lease, failed: true));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await ReleaseAsync(store, claim.Lease, failed: true));
        Assert.Equal((1, 1), Counts(await GetAsync(store, id)));
        await ClaimOneAsync(store, "w2");
        Assert.Equal(RunWriteOutcome.LeaseLost, await ReleaseAsync(store, claim.Lease, failed: true));
        Assert.Equal((2, 1), Counts(await GetAsync(store, id)));

        static (int Attempts, int Failures) Counts(AgentRun run) => (run.Attempts, run.Failures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Complete_AfterTheRunWasReleased_IsLostAlsoWhenTheRunHasEnded(bool cancelledMeanwhile)
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        await ReleaseAsync(store, claim.Lease, failed: true);
        if (cancelledMeanwhile)
        {
            await store.CancelAsync(id, Token);
        }

        Assert.Equal(RunWriteOutcome.LeaseLost, await SucceedAsync(store, claim.Lease));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await ReleaseAsync(store, claim.Lease, failed: true));
        Assert.Null((await GetAsync(store, id)).Result);
    }

    [Fact]
    public async Task Release_WithDelay_WaitsForItsTime()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        await ReleaseAsync(store, (await ClaimOneAsync(store)).Lease, failed: true, Unit);
        await AssertNothingToClaimAsync(store);
        await AdvanceAsync(MoreThanUnit);

        await ClaimOneAsync(store);
    }

    [Fact]
    public async Task Release_WithALongerDelayThanTimeHolds_KeepsTheRunInOrder()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, session: "s"));
        await ReleaseAsync(store, (await ClaimOneAsync(store)).Lease, failed: true, TimeSpan.MaxValue);
        await AssertNothingToClaimAsync(store);

        Assert.Equal(RunCancelOutcome.Cancelled, await store.CancelAsync(id, Token));
        Assert.Equal("run.queued run.started run.cancelled", await EventTypesAsync(store, id));
    }

    [Fact]
    public async Task Release_FailuresAndDrainsAndCrashes_AreCountedApart()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        await ReleaseAsync(store, (await ClaimOneAsync(store)).Lease, failed: true);
        await ReleaseAsync(store, (await ClaimOneAsync(store)).Lease, failed: false);
        await ClaimOneAsync(store, lease: Unit);
        await LoseLeasesAsync(store);
        var last = await ClaimOneAsync(store);
        await SucceedAsync(store, last.Lease);
        var run = await GetAsync(store, id);

        Assert.Equal((3, 1, 1), (run.Attempts, run.Failures, run.Crashes));
        Assert.Equal(3, last.Lease.Attempt);
        Assert.True(run.ElapsedInAttempts >= Unit, $"{run.ElapsedInAttempts}");
        Assert.Equal("run.queued run.started run.started run.started run.started run.completed", await EventTypesAsync(store, id));
    }

    [Theory]
    [InlineData(true, 1, 1)]
    [InlineData(false, 0, 0)]
    public async Task Release_OfARunThatEndsInstead_CountsTheAttemptAllTheSame(bool failed, int attempts, int failures)
    {
        var store = await CreateStoreAsync();
        var cancelled = await AcceptAsync(store, Submission(store, priority: 9));
        var expired = await AcceptAsync(store, Submission(store, expireAfter: Unit));
        var claims = await ClaimAsync(store, 2);
        await store.CancelAsync(cancelled, Token);
        await AdvanceAsync(MoreThanUnit);
        foreach (var claim in claims)
        {
            Assert.Equal(RunWriteOutcome.Committed, await ReleaseAsync(store, claim.Lease, failed));
            Assert.Equal(RunWriteOutcome.AlreadyCommitted, await ReleaseAsync(store, claim.Lease, failed));
        }

        Assert.Equal((AgentRunStatus.Cancelled, attempts, failures), Describe(await GetAsync(store, cancelled)));
        Assert.Equal((AgentRunStatus.Expired, attempts, failures), Describe(await GetAsync(store, expired)));
        await AssertNothingToClaimAsync(store);

        static (AgentRunStatus Status, int Attempts, int Failures) Describe(AgentRun run) => (run.Status, run.Attempts, run.Failures);
    }

    [Fact]
    public async Task Claim_SecondAttempt_BringsTheJournalAndWhatWasUnfinished()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        await store.AppendEventsAsync(first.Lease, 1, [Event("step.started", "1"), Text("a", "1")], Token);
        await store.CommitStepAsync(first.Lease, Step("1"), [Event("step.completed", "1")], Token);
        await store.AppendEventsAsync(first.Lease, 2, [Event("step.started", "1.0"), Event("step.started", "1.1"), Text("b", "2")], Token);
        await store.CommitStepAsync(first.Lease, Step("1.1"), [Event("step.completed", "1.1")], Token);
        Assert.All((await GetAsync(store, id)).Steps, step => Assert.False(step.Replayed));
        await ReleaseAsync(store, first.Lease, failed: true);
        var second = await ClaimOneAsync(store);
        await store.CommitStepAsync(second.Lease, Step("1.0", attempt: 2), [], Token);
        var run = await GetAsync(store, id);

        Assert.Equal(["payload 1", "payload 1.1"], second.Journal.Select(step => Encoding.UTF8.GetString(step.Payload.Span)));
        Assert.Equal(["1.0", "2"], second.UnfinishedSteps.Order(StringComparer.Ordinal));
        Assert.Equal([("1", true), ("1.1", true), ("1.0", false)], run.Steps.Select(step => (step.Key, step.Replayed)));
        Assert.All(run.Steps, step => Assert.True(step.Payload.IsEmpty));
        Assert.Equal([1, 1, 2], run.Steps.Select(step => step.Attempt));
    }

    [Fact]
    public async Task Claim_AfterADrain_TellsReplayedStepsByTheClaim()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        await store.CommitStepAsync(first.Lease, Step("1"), [], Token);
        await ReleaseAsync(store, first.Lease, failed: false);
        var second = await ClaimOneAsync(store);
        await store.CommitStepAsync(second.Lease, Step("2"), [], Token);
        await SucceedAsync(store, second.Lease);

        Assert.Equal([("1", true), ("2", false)], (await GetAsync(store, id)).Steps.Select(step => (step.Key, step.Replayed)));
    }

    [Fact]
    public async Task Usage_OfSeveralStepsAndAttempts_IsSummedUp()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var usage = new AgentRunUsage { InputTokens = 1, OutputTokens = 20, CachedInputTokens = 300, ReasoningTokens = 4000, TotalTokens = 50000 };
        var first = await ClaimOneAsync(store);
        await store.CommitStepAsync(first.Lease, Step("1", usage: usage, cost: 0.000000001m), [], Token);
        await store.CommitStepAsync(first.Lease, Step("1.0"), [], Token);
        await ReleaseAsync(store, first.Lease, failed: true);
        var second = await ClaimOneAsync(store);
        Assert.Equal((50000L, 0.000000001m), (second.Run.Usage.TotalTokens, second.Run.Cost));
        await store.CommitStepAsync(second.Lease, Step("2", usage: usage, cost: 1.5m), [], Token);
        await SucceedAsync(store, second.Lease);
        var run = await GetAsync(store, id);
        var last = (await ReadAllAsync(store, id))[^1];

        Assert.Equal((2L, 40L, 600L, 8000L, 100000L), Parts(run.Usage));
        Assert.Equal(1.500000001m, run.Cost);
        Assert.Equal((2L, 40L, 600L, 8000L, 100000L), Parts(last.Usage!));
        Assert.Equal((1.500000001m, "done"), (last.Cost, last.Result));

        static (long, long, long, long, long) Parts(AgentRunUsage usage) =>
            (usage.InputTokens, usage.OutputTokens, usage.CachedInputTokens, usage.ReasoningTokens, usage.TotalTokens);
    }
}
