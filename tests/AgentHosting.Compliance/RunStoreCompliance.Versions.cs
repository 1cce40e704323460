using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <content>Journals of a newer format, and what a run began from.</content>
public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Claim_JournalIsNewerThanTheWorkerReads_IsLeftToAnother()
    {
        var store = await CreateStoreAsync();
        var newer = await AcceptAsync(store, Submission(store, priority: 9));
        var first = await ClaimOneAsync(store);
        await store.CommitStepAsync(first.Lease, VersionedStep("1", 2), [], Token);
        await store.CommitStepAsync(first.Lease, VersionedStep("2", 1), [], Token);
        await ReleaseAsync(store, first.Lease, failed: false);
        var older = await AcceptAsync(store);

        Assert.Equal([older], (await ClaimReadingAsync(store, 1)).Select(static claim => claim.Run.Id));
        Assert.Empty(await ClaimReadingAsync(store, 1));
        Assert.Equal(1, (await store.GetStatisticsAsync(Token)).Ready);
        var claim = Assert.Single(await ClaimReadingAsync(store, 2));
        Assert.Equal(newer, claim.Run.Id);
        Assert.Equal([(2, "f1"), (1, "f2")], claim.Journal.Select(static step => (step.Version, step.Fingerprint!)));
    }

    [Fact]
    public async Task Claim_WorkerOfAnyVersion_GetsARunThatNeverBegan()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);

        Assert.Single(await ClaimReadingAsync(store, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Claim_AnswerIsNewerThanTheWorkerReads_IsLeftToAnother(bool whileReady)
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        foreach (var key in (string[])["a", "b"])
        {
            await store.OpenWaitAsync(
                first.Lease, new RunWait { Key = $"1.{key}/approval", RequestId = key, Kind = RunStepKind.Approval, Name = "pay" }, [], Token);
        }

        await store.SuspendAsync(first.Lease, new RunSuspension(), Token);
        // The first answer makes the run ready; the second finds it in the queue.
        await store.AnswerAsync(id, "a", new RunAnswer { Decision = "yes", Payload = new byte[] { 1 }, Version = whileReady ? 1 : 2 }, Token);
        await store.AnswerAsync(id, "b", new RunAnswer { Decision = "yes", Payload = new byte[] { 1 }, Version = whileReady ? 2 : 1 }, Token);

        Assert.Empty(await ClaimReadingAsync(store, 1));
        Assert.Equal(id, Assert.Single(await ClaimReadingAsync(store, 2)).Run.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Claim_SessionIsNewerThanTheWorkerReads_IsLeftToAnother(bool endedByTheStore)
    {
        var store = await CreateStoreAsync();
        var earlier = await AcceptAsync(store, Submission(store, session: "s"));
        var id = await AcceptAsync(store, Submission(store, session: "s"));
        var first = await ClaimOneAsync(store);
        if (endedByTheStore)
        {
            await store.CommitStepAsync(first.Lease, VersionedStep("1", 2), [], Token);
            await ReleaseAsync(store, first.Lease, failed: true, Long);
            Assert.Equal(RunCancelOutcome.Cancelled, await store.CancelAsync(earlier, Token));
        }
        else
        {
            await store.CompleteAsync(
                first.Lease, new RunCompletion { Status = AgentRunStatus.Succeeded, SessionMessages = new byte[] { 1 }, Version = 2 }, Token);
        }

        Assert.Empty(await ClaimReadingAsync(store, 1));
        var claim = Assert.Single(await ClaimReadingAsync(store, 2));
        Assert.Equal((id, 2), (claim.Run.Id, Assert.Single(claim.Session!.Turns).Version));
    }

    [Fact]
    public async Task CommitStep_OfWhatTheRunBeganFrom_IsForWorkersOnly()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, session: "s"));
        var first = await ClaimOneAsync(store);
        var start = new RunStep { Key = "0", Kind = RunStepKind.Start, Name = Agent, Attempt = 1, Version = 2, Payload = new byte[] { 1 } };
        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(first.Lease, start, [], Token));
        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.CommitStepAsync(first.Lease, start, [], Token));
        Assert.Empty((await GetAsync(store, id)).Steps);
        await ReleaseAsync(store, first.Lease, failed: true);
        var second = await ClaimOneAsync(store);
        Assert.Equal(("0", RunStepKind.Start), (Assert.Single(second.Journal).Key, second.Journal[0].Kind));
        Assert.Empty(second.Run.Steps);
        await ReleaseAsync(store, second.Lease, failed: true, Long);
        await store.CancelAsync(id, Token);

        Assert.Empty((await GetAsync(store, id)).Steps);
        // Its turn is its message: what it began from is what the session has already.
        Assert.Empty(Assert.Single((await store.GetSessionAsync(new AgentIdentity { UserId = "ann" }, "s", Token))!.Turns).Journal);
    }

    private static async Task<IReadOnlyList<ClaimedRun>> ClaimReadingAsync(IRunStore store, int version) => await store.ClaimAsync(
        new RunClaimRequest
        {
            WorkerId = "w",
            MaxRuns = 10,
            LeaseDuration = Long,
            Agents = new Dictionary<string, int> { [Agent] = 10 },
            JournalVersion = version,
        },
        Token);

    private static RunStep VersionedStep(string key, int version) => new()
    {
        Key = key,
        Kind = RunStepKind.Model,
        Name = "step",
        Attempt = 1,
        Version = version,
        Fingerprint = "f" + key,
        Payload = new byte[] { 1 },
    };
}
