using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Claim_SuspectsThatLostManyWorkers_AreGivenNoMoreThanAskedFor()
    {
        var store = await CreateStoreAsync();
        var suspects = new List<string> { await AcceptAsync(store), await AcceptAsync(store) };
        for (var crash = 0; crash < RunClaimRequest.SuspectCrashes; crash++)
        {
            Assert.Equal(2, (await store.ClaimAsync(Request(int.MaxValue), Token)).Count);
            Assert.Equal(2, (await LoseLeasesAsync(store)).Recovered);
        }

        var other = await AcceptAsync(store);

        Assert.Equal([other], (await store.ClaimAsync(Request(0), Token)).Select(static claim => claim.Run.Id));
        var first = Assert.Single(await store.ClaimAsync(Request(1), Token));
        Assert.Equal((suspects[0], RunClaimRequest.SuspectCrashes), (first.Run.Id, first.Run.Crashes));
        Assert.Empty(await store.ClaimAsync(Request(0), Token));
        Assert.Equal(suspects[1], Assert.Single(await store.ClaimAsync(Request(1), Token)).Run.Id);

        static RunClaimRequest Request(int suspects) => new()
        {
            WorkerId = "w",
            MaxRuns = 5,
            MaxSuspects = suspects,
            LeaseDuration = Unit,
            Agents = new Dictionary<string, int> { [Agent] = 5 },
        };
    }

    [Fact]
    public async Task Sweep_LeaseThatEnded_GivesTheRunToAnotherWorkerAndCountsACrash()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        var first = await ClaimOneAsync(store, lease: Unit);
        var swept = await LoseLeasesAsync(store);
        var queued = await GetAsync(store, first.Run.Id);
        var second = await ClaimOneAsync(store, "w2");

        Assert.Equal((1, 0, 0), (swept.Recovered, swept.Failed, swept.Expired));
        Assert.Equal((AgentRunStatus.Queued, 1, 1, 0), (queued.Status, queued.Attempts, queued.Crashes, queued.Failures));
        Assert.Equal((2, "w2"), (second.Lease.Attempt, second.Lease.WorkerId));
        Assert.True(second.Lease.Epoch > first.Lease.Epoch);
        Assert.NotEqual(first.Lease.Nonce, second.Lease.Nonce);
        Assert.Equal(0, (await SweepAsync(store)).Recovered);
    }

    [Fact]
    public async Task Sweep_LeaseThatIsHeld_LeavesItAlone()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        var claim = await ClaimOneAsync(store);
        Assert.Equal(0, (await LoseLeasesAsync(store)).Recovered);

        Assert.Equal(RunWriteOutcome.Committed, await SucceedAsync(store, claim.Lease));
    }

    [Fact]
    public async Task Sweep_MoreCrashesThanAllowed_FailsTheRun()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        for (var crash = 1; crash <= 2; crash++)
        {
            await ClaimOneAsync(store, lease: Unit);
            Assert.Equal((1, 0), await LoseAsync());
        }

        await ClaimOneAsync(store, lease: Unit);
        Assert.Equal((0, 1), await LoseAsync());
        var run = await GetAsync(store, id);

        Assert.Equal((AgentRunStatus.Failed, AgentRunErrorCodes.CrashLimit, 3), (run.Status, run.Error?.Code, run.Crashes));
        Assert.EndsWith("run.started run.failed", await EventTypesAsync(store, id), StringComparison.Ordinal);

        async Task<(int Recovered, int Failed)> LoseAsync()
        {
            var result = await LoseLeasesAsync(store, maxCrashes: 2);
            return (result.Recovered, result.Failed);
        }
    }

    [Fact]
    public async Task Sweep_Limit_BoundsWhatOneRoundDoes()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 10; i++)
        {
            await AcceptAsync(store);
        }

        await ClaimAsync(store, 10, lease: Unit);
        await AdvanceAsync(MoreThanUnit);
        var counts = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            counts.Add((await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5, Limit = 4 }, Token)).Recovered);
        }

        Assert.Equal(10, counts.Sum());
        Assert.All(counts, count => Assert.True(count <= 4));
    }

    [Fact]
    public async Task Write_WithAStaleToken_ChangesNothing()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, session: "s"));
        var stale = (await ClaimOneAsync(store, lease: Unit)).Lease;
        await LoseLeasesAsync(store);
        await AssertNothingIsWrittenAsync(store, stale);
        var current = (await ClaimOneAsync(store, "w1")).Lease;
        await AssertNothingIsWrittenAsync(store, stale);
        await AssertNothingIsWrittenAsync(store, Forge(current, nonce: "guess"));
        await AssertNothingIsWrittenAsync(store, Forge(current, worker: "w9"));
        await AssertNothingIsWrittenAsync(store, Forge(current, epoch: current.Epoch + 1));

        Assert.Equal(RunRenewalOutcome.Held, Assert.Single(await store.RenewAsync([current], Long, Token)));
        Assert.Equal(RunWriteOutcome.Committed, await SucceedAsync(store, current));
        await AssertNothingIsWrittenAsync(store, stale);
        Assert.Equal("done", (await GetAsync(store, id)).Result);
    }

    [Fact]
    public async Task Write_ToARunThatIsUnknown_IsLost()
    {
        var store = await CreateStoreAsync();
        var lease = new RunLease { RunId = store.CreateRunId("ann"), Epoch = 1, WorkerId = "w", Nonce = "n", Attempt = 1 };

        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CommitStepAsync(lease, Step("1"), [], Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.AppendEventsAsync(lease, 1, [], Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await SucceedAsync(store, lease));
        Assert.Equal(RunWriteOutcome.LeaseLost, await ReleaseAsync(store, lease, failed: true));
        Assert.Equal(RunRenewalOutcome.Lost, Assert.Single(await store.RenewAsync([lease], Long, Token)));
    }

    [Fact]
    public async Task Renew_SeveralLeases_AnswersInOrderAndExtendsThem()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 4; i++)
        {
            await AcceptAsync(store, Submission(store, expireAfter: i == 2 ? Unit : Long, priority: 9 - i));
        }

        var claims = await ClaimAsync(store, 4, lease: Unit);
        await store.CancelAsync(claims[1].Run.Id, Token);
        await SucceedAsync(store, claims[3].Lease);
        await AdvanceAsync(MoreThanUnit);
        var leases = claims.Select(claim => claim.Lease).ToList();
        var outcomes = await store.RenewAsync(leases, Long, Token);

        Assert.Equal([RunRenewalOutcome.Held, RunRenewalOutcome.CancelRequested, RunRenewalOutcome.Expired, RunRenewalOutcome.Lost], outcomes);
        Assert.Equal(outcomes, await store.RenewAsync(leases, Long, Token));
        Assert.Equal(0, (await SweepAsync(store)).Recovered);
    }

    [Fact]
    public async Task Renew_RunThatIsToBeCancelledAndPastItsTime_SaysCancelRequested()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, expireAfter: Unit));
        var claim = await ClaimOneAsync(store);
        await store.CancelAsync(id, Token);
        await AdvanceAsync(MoreThanUnit);

        Assert.Equal(RunRenewalOutcome.CancelRequested, Assert.Single(await store.RenewAsync([claim.Lease], Long, Token)));
    }

    [Fact]
    public async Task Renew_NoLeases_GivesNothing() => Assert.Empty(await (await CreateStoreAsync()).RenewAsync([], Long, Token));

    [Fact]
    public async Task Renew_BeforeTheLeaseEnds_KeepsTheRun()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        var claim = await ClaimOneAsync(store, lease: Unit * 2);
        await AdvanceAsync(Unit);
        await store.RenewAsync([claim.Lease], Unit * 2, Token);
        await AdvanceAsync(Unit * 1.5);

        Assert.Equal(0, (await SweepAsync(store)).Recovered);
        await AdvanceAsync(Unit);
        Assert.Equal(1, (await SweepAsync(store)).Recovered);
    }

    private static async Task AssertNothingIsWrittenAsync(IRunStore store, RunLease lease)
    {
        var before = await DescribeAsync();
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CommitStepAsync(lease, Step("stale"), [Text("stale")], Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.AppendEventsAsync(lease, 99, [Text("stale")], Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await SucceedAsync(store, lease, "stale", "stale"));
        Assert.Equal(RunWriteOutcome.LeaseLost, await ReleaseAsync(store, lease, failed: true));
        Assert.Equal(RunRenewalOutcome.Lost, Assert.Single(await store.RenewAsync([lease], Long, Token)));
        Assert.Equal(before, await DescribeAsync());

        async Task<string> DescribeAsync()
        {
            var run = await GetAsync(store, lease.RunId);
            var page = await store.ReadEventsAsync(lease.RunId, 0, 1000, Token);
            var turns = (await store.GetSessionAsync(run.Identity, run.SessionId!, Token))?.Turns.Count ?? 0;
            return $"{run.Status} {run.Result} {run.Attempts} {run.Failures} {run.Crashes} {run.Steps.Count} {page!.LastSequence} {turns}";
        }
    }

    private static RunLease Forge(RunLease lease, long? epoch = null, string? worker = null, string? nonce = null) => new()
    {
        RunId = lease.RunId,
        Epoch = epoch ?? lease.Epoch,
        WorkerId = worker ?? lease.WorkerId,
        Nonce = nonce ?? lease.Nonce,
        Attempt = lease.Attempt,
    };

    [Fact]
    public async Task Sweep_LongAfterTheLeaseHasEnded_CountsTheAttemptUpToItsEnd()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        await ClaimOneAsync(store, lease: Unit);
        await AdvanceAsync(Unit * 4);
        await SweepAsync(store);

        Assert.InRange((await GetAsync(store, id)).ElapsedInAttempts, Unit * 0.9, Unit * 1.1);
    }

    [Fact]
    public async Task Release_LeaseHadEndedMeanwhile_CountsTheTimeOfTheLease()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var lease = (await ClaimOneAsync(store, lease: Unit)).Lease;
        await AdvanceAsync(Unit * 4);
        Assert.Equal([RunRenewalOutcome.Held], await store.RenewAsync([lease], Unit, Token));
        await AdvanceAsync(Unit * 4);
        await ReleaseAsync(store, lease, failed: true);

        Assert.InRange((await GetAsync(store, id)).ElapsedInAttempts, Unit * 1.9, Unit * 2.1);
    }
}
