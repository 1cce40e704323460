using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task List_MoreThanAPage_GivesEachRunOnceAndTheLatestFirst()
    {
        var store = await CreateStoreAsync();
        var accepted = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            accepted.Add(await AcceptAsync(store));
        }

        var listed = new List<string>();
        var page = await store.ListAsync(new RunQuery { PageSize = 3 }, Token);
        listed.AddRange(page.Runs.Select(run => run.Id));
        // What comes meanwhile is on no later page.
        await AcceptAsync(store);
        while (page.Next is not null)
        {
            page = await store.ListAsync(new RunQuery { PageSize = 3, After = page.Next }, Token);
            listed.AddRange(page.Runs.Select(run => run.Id));
        }

        accepted.Reverse();
        Assert.Equal(accepted, listed);
    }

    [Fact]
    public async Task List_ExactlyAPage_HasNoNext()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        await AcceptAsync(store);
        var page = await store.ListAsync(new RunQuery { PageSize = 2 }, Token);

        Assert.Equal((2, null), (page.Runs.Count, page.Next));
    }

    [Fact]
    public async Task List_EachFilter_LeavesOutTheOthers()
    {
        var store = await CreateStoreAsync();
        var done = await AcceptAsync(store);
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
        var failed = await FailAsync(store);
        var other = await AcceptAsync(store, Submission(store, user: "bob", tenant: "acme", agent: "other", session: "s"));

        Assert.Equal([done], await IdsAsync(new RunQuery { Status = AgentRunStatus.Succeeded }));
        Assert.Equal([failed], await IdsAsync(new RunQuery { IsDeadLetter = true }));
        Assert.Equal([other, done], await IdsAsync(new RunQuery { IsDeadLetter = false }));
        Assert.Equal([other], await IdsAsync(new RunQuery { Agent = "other" }));
        Assert.Equal([other], await IdsAsync(new RunQuery { TenantId = "acme" }));
        Assert.Equal([other], await IdsAsync(new RunQuery { UserId = "bob" }));
        Assert.Equal([other], await IdsAsync(new RunQuery { SessionId = "s" }));
        Assert.Equal([failed, done], await IdsAsync(new RunQuery { UserId = "ann" }));
        Assert.Empty(await IdsAsync(new RunQuery { UserId = "ann", SessionId = "s" }));

        async Task<string[]> IdsAsync(RunQuery query) => [.. (await store.ListAsync(query, Token)).Runs.Select(run => run.Id)];
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1001, null)]
    [InlineData(10, "x")]
    [InlineData(10, "-1")]
    [InlineData(10, "")]
    public async Task List_QueryIsWrong_SaysSo(int pageSize, string? after)
    {
        var store = await CreateStoreAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.ListAsync(new RunQuery { PageSize = pageSize, After = after }, Token));
    }

    [Fact]
    public async Task Requeue_DeadLetter_GoesOnFromItsJournal()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, key: "k"));
        var lease = (await ClaimOneAsync(store)).Lease;
        await store.CommitStepAsync(lease, Step("1", cost: 2), [], Token);
        await store.AppendEventsAsync(lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, RunId = id, Step = "1.0" }], Token);
        await FailAsync(store, lease);
        var next = store.CreateRunId("ann");
        var result = await store.RequeueAsync(id, new RunRequeue { NewRunId = next, ExpireAfter = Long }, Token);
        var claim = await ClaimOneAsync(store);

        Assert.Equal((RunRequeueOutcome.Requeued, next), (result.Outcome, result.RunId));
        Assert.Equal((next, id), (claim.Run.Id, claim.Run.OriginId));
        Assert.Equal(("1", "1.0"), (Assert.Single(claim.Journal).Key, Assert.Single(claim.UnfinishedSteps)));
        Assert.False(claim.Journal[0].Payload.IsEmpty);
        Assert.True(Assert.Single(claim.Run.Steps).Replayed);
        Assert.Equal((0m, 0, 1), (claim.Run.Cost, claim.Run.Failures, claim.Run.Attempts));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.CommitStepAsync(claim.Lease, Step("1"), [], Token));
        var failed = await GetAsync(store, id);
        Assert.Equal((AgentRunStatus.Failed, next, 2m), (failed.Status, failed.RequeuedAs, failed.Cost));
        Assert.Equal((RunEnqueueOutcome.Replayed, id), await ReplayAsync());
        await SucceedAsync(store, claim.Lease);
        Assert.Equal(AgentRunStatus.Succeeded, (await GetAsync(store, next)).Status);

        async Task<(RunEnqueueOutcome Outcome, string? RunId)> ReplayAsync()
        {
            var replay = await store.EnqueueAsync(Submission(store, key: "k"), Token);
            return (replay.Outcome, replay.RunId);
        }
    }

    [Fact]
    public async Task Requeue_WithoutTheJournal_BeginsAnew()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var lease = (await ClaimOneAsync(store)).Lease;
        await store.CommitStepAsync(lease, Step("1"), [], Token);
        await FailAsync(store, lease);
        await store.RequeueAsync(id, new RunRequeue { NewRunId = store.CreateRunId("ann"), KeepJournal = false, ExpireAfter = Long }, Token);
        var claim = await ClaimOneAsync(store);

        Assert.Empty(claim.Journal);
        Assert.Equal(id, claim.Run.OriginId);
        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(claim.Lease, Step("1"), [], Token));
    }

    [Fact]
    public async Task Requeue_FailsAgain_CanBeRequeuedAndKnowsWhereItBegan()
    {
        var store = await CreateStoreAsync();
        var first = await FailAsync(store);
        var second = await RequeueAsync(first);
        await FailAsync(store, (await ClaimOneAsync(store)).Lease);
        var third = await RequeueAsync(second);

        Assert.Equal(first, (await GetAsync(store, third)).OriginId);
        Assert.Equal(third, (await GetAsync(store, second)).RequeuedAs);
        Assert.Equal(second, (await GetAsync(store, first)).RequeuedAs);

        async Task<string> RequeueAsync(string id) =>
            (await store.RequeueAsync(id, new RunRequeue { NewRunId = store.CreateRunId("ann"), ExpireAfter = Long }, Token)).RunId!;
    }

    [Fact]
    public async Task Requeue_Repeated_MakesOneRun()
    {
        var store = await CreateStoreAsync();
        var id = await FailAsync(store);
        var command = new RunRequeue { NewRunId = store.CreateRunId("ann"), ExpireAfter = Long };
        await store.RequeueAsync(id, command, Token);
        var repeated = await store.RequeueAsync(id, command, Token);
        var another = await store.RequeueAsync(id, new RunRequeue { NewRunId = store.CreateRunId("ann"), ExpireAfter = Long }, Token);

        Assert.Equal((RunRequeueOutcome.Requeued, command.NewRunId), (repeated.Outcome, repeated.RunId));
        Assert.Equal((RunRequeueOutcome.AlreadyRequeued, command.NewRunId), (another.Outcome, another.RunId));
        Assert.Single(await ClaimAsync(store, 10));
    }

    [Fact]
    public async Task Requeue_AtOnce_MakesOneRun()
    {
        var store = await CreateStoreAsync();
        var id = await FailAsync(store);
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () => await store.RequeueAsync(id, new RunRequeue { NewRunId = store.CreateRunId("ann"), ExpireAfter = Long }, Token), Token)));

        Assert.Single(results, result => result.Outcome == RunRequeueOutcome.Requeued);
        Assert.Single(results.Select(result => result.RunId).Distinct());
        Assert.Single(await ClaimAsync(store, 20));
    }

    [Fact]
    public async Task Requeue_NoDeadLetter_IsRefused()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxUnfinishedRuns = 1 });
        var failed = await FailAsync(store);
        var queued = await AcceptAsync(store);

        Assert.Equal(RunRequeueOutcome.NotFound, await OutcomeAsync("run_0_unknown"));
        Assert.Equal(RunRequeueOutcome.NotFailed, await OutcomeAsync(queued));
        Assert.Equal(RunRequeueOutcome.Full, await OutcomeAsync(failed));
        await store.CancelAsync(queued, Token);
        Assert.Equal(RunRequeueOutcome.NotFailed, await OutcomeAsync(queued));
        Assert.Equal(RunRequeueOutcome.Requeued, await OutcomeAsync(failed));

        async Task<RunRequeueOutcome> OutcomeAsync(string id) =>
            (await store.RequeueAsync(id, new RunRequeue { NewRunId = store.CreateRunId("ann"), ExpireAfter = Long }, Token)).Outcome;
    }

    [Fact]
    public async Task Requeue_InASession_SeesWhatWasBeforeAndTakesThePlaceOfTheFailedTurn()
    {
        var store = await CreateStoreAsync();
        await TurnAsync("one");
        var failed = await AcceptAsync(store, Submission(store, session: "s"));
        await store.CompleteAsync((await ClaimOneAsync(store)).Lease, new RunCompletion { Status = AgentRunStatus.Failed, SessionMessages = Utf8("half"), Error = Broken }, Token);
        await TurnAsync("three");
        var next = store.CreateRunId("ann");
        await store.RequeueAsync(failed, new RunRequeue { NewRunId = next, ExpireAfter = Long }, Token);
        var claim = await ClaimOneAsync(store);
        Assert.Equal("one", string.Join(' ', Texts(claim.Session!)));
        await SucceedAsync(store, claim.Lease, turn: "two");

        var session = await store.GetSessionAsync(Ann, "s", Token);
        Assert.Equal("one two three", string.Join(' ', Texts(session!)));
        Assert.Equal(next, session!.Turns[1].RunId);

        async Task TurnAsync(string text)
        {
            await AcceptAsync(store, Submission(store, session: "s"));
            await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: text);
        }

        static IEnumerable<string> Texts(SessionTranscript session) => session.Turns.Select(turn => System.Text.Encoding.UTF8.GetString(turn.Messages.Span));
    }

    [Fact]
    public async Task DeadLetter_BeyondTheRetentionOfOthers_IsKeptForItsOwn()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { Retention = Unit, DeadLetterRetention = Unit * 5 });
        var failed = await FailAsync(store);
        var requeued = await FailAsync(store);
        var next = store.CreateRunId("ann");
        await store.RequeueAsync(requeued, new RunRequeue { NewRunId = next, ExpireAfter = Long }, Token);
        Assert.Equal((2, 1), Kept(await store.GetStatisticsAsync(Token)));
        await AdvanceAsync(MoreThanUnit);
        await SweepAsync(store);

        Assert.NotNull(await store.GetAsync(failed, Token));
        Assert.Null(await store.GetAsync(requeued, Token));
        Assert.NotNull(await store.GetAsync(next, Token));
        await AdvanceAsync(Unit * 5);
        await SweepAsync(store);
        Assert.Null(await store.GetAsync(failed, Token));
        Assert.Equal((0, 0), Kept(await store.GetStatisticsAsync(Token)));

        static (long Retained, long DeadLetters) Kept(RunStoreStatistics statistics) => (statistics.Retained, statistics.DeadLetters);
    }

    [Fact]
    public async Task Remove_EndedRun_IsGoneAndItsKeyIsNot()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, key: "k"));
        Assert.Equal(RunRemoveOutcome.NotEnded, await store.RemoveAsync(id, Token));
        await store.CancelAsync(id, Token);
        Assert.Equal(RunRemoveOutcome.Removed, await store.RemoveAsync(id, Token));

        Assert.Equal(RunRemoveOutcome.NotFound, await store.RemoveAsync(id, Token));
        Assert.Null(await store.GetAsync(id, Token));
        Assert.Null(await store.ReadEventsAsync(id, 0, 10, Token));
        Assert.Empty((await store.ListAsync(new RunQuery(), Token)).Runs);
        Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(Submission(store, key: "k"), Token)).Outcome);
        var dead = await FailAsync(store);
        Assert.Equal(RunRemoveOutcome.Removed, await store.RemoveAsync(dead, Token));
        Assert.Equal(0, (await store.GetStatisticsAsync(Token)).Retained);
    }

    private static AgentRunError Broken { get; } = new() { Code = AgentRunErrorCodes.Internal, Message = "Broken." };

    private static async Task<string> FailAsync(IRunStore store)
    {
        var id = await AcceptAsync(store);
        await FailAsync(store, (await ClaimOneAsync(store)).Lease);
        return id;
    }

    private static async Task FailAsync(IRunStore store, RunLease lease) => Assert.Equal(
        RunWriteOutcome.Committed, await store.CompleteAsync(lease, new RunCompletion { Status = AgentRunStatus.Failed, Error = Broken }, Token));

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
