using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Sweep_QueuedDelayedAndBlockedRunsPastTheirTime_ExpireThem()
    {
        var store = await CreateStoreAsync();
        var running = await AcceptAsync(store, Submission(store, session: "s"));
        var claim = await ClaimOneAsync(store);
        string[] ids =
        [
            await AcceptAsync(store, Submission(store, expireAfter: Unit)),
            await AcceptAsync(store, Submission(store, expireAfter: Unit, delay: Long)),
            await AcceptAsync(store, Submission(store, expireAfter: Unit, session: "s")),
        ];
        await AdvanceAsync(MoreThanUnit);

        Assert.Equal(3, (await SweepAsync(store)).Expired);
        foreach (var id in ids)
        {
            var run = await GetAsync(store, id);
            Assert.Equal((AgentRunStatus.Expired, AgentRunErrorCodes.Expired), (run.Status, run.Error?.Code));
            Assert.Equal("run.queued run.expired", await EventTypesAsync(store, id));
        }

        await SucceedAsync(store, claim.Lease);
        await AssertNothingToClaimAsync(store);
        Assert.Equal(AgentRunStatus.Succeeded, (await GetAsync(store, running)).Status);
    }

    [Fact]
    public async Task Claim_RunPastItsTime_ExpiresItAndTakesTheNextOfItsSession()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 1 });
        var expired = await AcceptAsync(store, Submission(store, expireAfter: Unit, session: "s"));
        var next = await AcceptAsync(store, Submission(store, session: "s"));
        await AdvanceAsync(MoreThanUnit);

        Assert.Equal(next, Assert.Single(await ClaimAsync(store, 10)).Run.Id);
        Assert.Equal(AgentRunStatus.Expired, (await GetAsync(store, expired)).Status);
    }

    [Fact]
    public async Task Sweep_RunningRunPastItsTime_LeavesItToItsWorker()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, expireAfter: Unit));
        var claim = await ClaimOneAsync(store);
        await AdvanceAsync(MoreThanUnit);

        Assert.Equal(0, (await SweepAsync(store)).Expired);
        Assert.Equal(RunRenewalOutcome.Expired, Assert.Single(await store.RenewAsync([claim.Lease], Long, Token)));
        Assert.Equal(RunWriteOutcome.Committed, await SucceedAsync(store, claim.Lease));
        Assert.Equal(AgentRunStatus.Succeeded, (await GetAsync(store, id)).Status);
    }

    [Fact]
    public async Task Sweep_RunPastItsTimeWhoseWorkerDied_ExpiresIt()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store, Submission(store, expireAfter: Unit));
        await ClaimOneAsync(store, lease: Unit);
        await LoseLeasesAsync(store);
        await SweepAsync(store);
        var run = await GetAsync(store, id);

        Assert.Equal((AgentRunStatus.Expired, 1), (run.Status, run.Crashes));
        await AssertNothingToClaimAsync(store);
    }

    [Fact]
    public async Task Sweep_ManyRunningRunsPastTheirTime_ExpiresTheQueuedOneBehindThem()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 10; i++)
        {
            await AcceptAsync(store, Submission(store, expireAfter: Unit));
        }

        await ClaimAsync(store, 10);
        var queued = await AcceptAsync(store, Submission(store, expireAfter: Unit));
        await AdvanceAsync(MoreThanUnit);
        await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5, Limit = 2 }, Token);

        Assert.Equal(AgentRunStatus.Expired, (await GetAsync(store, queued)).Status);
    }
}
