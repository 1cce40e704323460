using System.Collections.Concurrent;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task Claim_DelayedRun_WaitsForItsTime()
    {
        var store = await CreateStoreAsync();
        var delayed = await AcceptAsync(store, Submission(store, delay: Unit));
        await AssertNothingToClaimAsync(store);
        await AdvanceAsync(MoreThanUnit);

        Assert.Equal(delayed, (await ClaimOneAsync(store)).Run.Id);
    }

    [Fact]
    public async Task Claim_ManyDelayedRunsThatAreDue_GivesThemAll()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 200; i++)
        {
            await AcceptAsync(store, Submission(store, delay: Unit));
        }

        await AdvanceAsync(MoreThanUnit);
        var claimed = 0;
        for (var round = 0; round < 10; round++)
        {
            claimed += (await ClaimAsync(store, 100)).Count;
        }

        Assert.Equal(200, claimed);
    }

    [Fact]
    public async Task Claim_RunsOfOneTenant_ComeByPriorityAndThenByAge()
    {
        var store = await CreateStoreAsync();
        var ids = new List<string>();
        foreach (var priority in new[] { 0, 5, 9, 5, 0, 9 })
        {
            ids.Add(await AcceptAsync(store, Submission(store, priority: priority)));
        }

        var claims = await ClaimAsync(store, 10);

        Assert.Equal([ids[2], ids[5], ids[1], ids[3], ids[0], ids[4]], claims.Select(claim => claim.Run.Id));
    }

    [Fact]
    public async Task Claim_HighPriorityOfOneTenant_DoesNotDelayAnotherTenant()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 10; i++)
        {
            await AcceptAsync(store, Submission(store, "loud", priority: 9));
        }

        var quiet = await AcceptAsync(store, Submission(store, "quiet"));

        Assert.Contains(await ClaimAsync(store, 2), claim => claim.Run.Id == quiet);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public async Task Claim_TenantWithAThousandRuns_LetsOneWithOneInWithinTwoClaims(int claimedBefore)
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 1000; i++)
        {
            await AcceptAsync(store, Submission(store, "big"));
        }

        for (var i = 0; i < claimedBefore; i++)
        {
            await ClaimOneAsync(store);
        }

        var small = await AcceptAsync(store, Submission(store, "small"));

        Assert.Contains(await ClaimAsync(store, 2), claim => claim.Run.Id == small);
    }

    [Fact]
    public async Task Claim_TenantSubmitsOneRunAfterAnother_KeepsNobodyOut()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 5; i++)
        {
            await AcceptAsync(store, Submission(store, user: "patient"));
        }

        var served = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            await AcceptAsync(store, Submission(store, user: "hasty"));
            var claim = await ClaimOneAsync(store);
            served.Add(claim.Run.Identity.UserId);
            await SucceedAsync(store, claim.Lease);
        }

        Assert.InRange(served.Count(static user => user == "patient"), 3, 5);
    }

    [Fact]
    public async Task Claim_SeveralTenants_GetEqualShares()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 300; i++)
        {
            await AcceptAsync(store, Submission(store, "t" + Text(i < 240 ? 0 : 1 + (i % 2))));
        }

        var shares = (await ClaimAsync(store, 90)).CountBy(claim => claim.Run.Identity.UserId).ToDictionary();

        Assert.Equal(3, shares.Count);
        Assert.All(shares.Values, share => Assert.InRange(share, IsSharded ? 15 : 30, IsSharded ? 60 : 30));
    }

    [Fact]
    public async Task Claim_HundredTenantsOneWithThousands_OthersWaitForNoMoreThanTheirTurns()
    {
        const int Tenants = 100;
        const int Slots = 20;
        const int Rounds = 3;
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 2 });
        await Parallel.ForAsync(0, 2000, Token, async (_, _) => await AcceptAsync(store, Submission(store, "big")));
        for (var i = 0; i < (Tenants - 1) * Rounds; i++)
        {
            await AcceptAsync(store, Submission(store, "t" + Text(i % (Tenants - 1))));
        }

        var running = new Queue<ClaimedRun>();
        var claims = 0;
        var small = 0;
        while (small < (Tenants - 1) * Rounds)
        {
            var claim = await ClaimOneAsync(store);
            claims++;
            small += claim.Run.Identity.UserId == "big" ? 0 : 1;
            running.Enqueue(claim);
            Assert.All(running.CountBy(static one => one.Run.Identity.UserId), static tenant => Assert.InRange(tenant.Value, 1, 2));
            if (running.Count == Slots)
            {
                await SucceedAsync(store, running.Dequeue().Lease);
            }
        }

        // One turn each in a round; of several partitions each has its own rounds, and the claims go to one after the other.
        Assert.InRange(claims, 1, (Tenants * Rounds) + (IsSharded ? Tenants * Rounds : 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(120)]
    public async Task Claim_TenantsOfOtherWeights_GetSharesByThem(int batch)
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 120; i++)
        {
            foreach (var (user, weight) in new[] { ("one", 1), ("three", 3), ("eight", 8) })
            {
                await AcceptAsync(store, Submission(store, user, "acme-" + user, weight: weight));
            }
        }

        var claims = new List<ClaimedRun>();
        while (claims.Count < 120)
        {
            claims.AddRange(await ClaimAsync(store, Math.Min(batch, 120 - claims.Count)));
        }

        var shares = claims.CountBy(static claim => claim.Run.Identity.UserId).ToDictionary();
        if (!IsSharded)
        {
            Assert.InRange(shares["one"], 9, 11);
            Assert.InRange(shares["three"], 29, 31);
            Assert.InRange(shares["eight"], 79, 81);
            // Also in the short run: nobody waits longer than its share says.
            Assert.All(claims.Chunk(12), static round => Assert.InRange(round.Count(static claim => claim.Run.Identity.UserId == "one"), 0, 2));
        }

        Assert.Equal(120, shares.Values.Sum());
    }

    [Fact]
    public async Task Claim_HeavyTenantWithOneRunAtATime_KeepsNobodyOut()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 5; i++)
        {
            await AcceptAsync(store, Submission(store, "patient"));
        }

        var patient = 0;
        for (var i = 0; i < 40; i++)
        {
            await AcceptAsync(store, Submission(store, "hasty", weight: 4));
            var claim = await ClaimOneAsync(store);
            patient += claim.Run.Identity.UserId == "patient" ? 1 : 0;
            await SucceedAsync(store, claim.Lease);
        }

        Assert.Equal(5, patient);
    }

    [Fact]
    public async Task Claim_TenantWhoseAgentHadNoRoom_GetsNoCreditForTheWait()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 50; i++)
        {
            await AcceptAsync(store, Submission(store, "waiting", agent: "rare"));
            await AcceptAsync(store, Submission(store, "served"));
            await AcceptAsync(store, Submission(store, "served"));
        }

        Assert.Equal(50, (await ClaimAsync(store, 50, agents: [(Agent, 50)])).Count);
        var claims = await ClaimAsync(store, 10, agents: [(Agent, 10), ("rare", 10)]);

        Assert.InRange(claims.Count(claim => claim.Run.Identity.UserId == "served"), 4, 6);
    }

    [Fact]
    public async Task Claim_TenantAtItsLimit_WaitsUntilOneOfItsRunsIsDone()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 2 });
        for (var i = 0; i < 5; i++)
        {
            await AcceptAsync(store, Submission(store, "u" + Text(i), "acme"));
        }

        var other = await AcceptAsync(store, Submission(store, "bob"));
        var first = await ClaimAsync(store, 10, lease: Unit);
        Assert.Equal(3, first.Count);
        Assert.Contains(first, claim => claim.Run.Id == other);
        var acme = first.Where(claim => claim.Run.Id != other).ToList();
        await AssertNothingToClaimAsync(store);

        await SucceedAsync(store, acme[0].Lease);
        Assert.Single(await ClaimAsync(store, 10));
        await ReleaseAsync(store, acme[1].Lease, failed: false, Long);
        Assert.Single(await ClaimAsync(store, 10));
        await AssertNothingToClaimAsync(store);
    }

    [Fact]
    public async Task Claim_TenantAtItsLimitWhoseWorkerDied_IsServedAfterTheSweep()
    {
        var store = await CreateStoreAsync(new RunStoreOptions { MaxRunningPerTenant = 1 });
        await AcceptAsync(store);
        await AcceptAsync(store);
        await ClaimOneAsync(store, lease: Unit);
        await AssertNothingToClaimAsync(store);
        await LoseLeasesAsync(store);

        await ClaimOneAsync(store);
        await AssertNothingToClaimAsync(store);
    }

    [Fact]
    public async Task Claim_AgentsOfTheWorker_GetAsManyRunsAsTheyHaveRoomFor()
    {
        var store = await CreateStoreAsync();
        foreach (var agent in new[] { "a", "a", "a", "b", "b", "c" })
        {
            await AcceptAsync(store, Submission(store, agent: agent));
        }

        var claims = await ClaimAsync(store, 10, agents: [("a", 2), ("b", 5), ("d", 1), ("c", 0)]);

        Assert.Equal(["a", "a", "b", "b"], claims.Select(claim => claim.Run.Agent).Order());
        Assert.Equal("a", Assert.Single(await ClaimAsync(store, 1, agents: [("a", 5)])).Run.Agent);
        Assert.Equal("c", Assert.Single(await ClaimAsync(store, 10, agents: [("a", 5), ("c", 5)])).Run.Agent);
    }

    [Fact]
    public async Task Claim_NoRoom_GivesNothing()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);

        Assert.Empty(await ClaimAsync(store, 0));
        Assert.Empty(await ClaimAsync(store, 5, agents: [(Agent, 0)]));
        Assert.Empty(await ClaimAsync(store, 5, agents: [("other", 5)]));
    }

    [Fact]
    public async Task Claim_EightWorkersAndFiveHundredRuns_ClaimEachOnce()
    {
        var store = await CreateStoreAsync();
        var accepted = new List<string>();
        for (var i = 0; i < 500; i++)
        {
            accepted.Add(await AcceptAsync(store, Submission(store, "u" + Text(i % 7))));
        }

        var leases = new ConcurrentBag<RunLease>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                while (await ClaimAsync(store, 3, "w" + Text(worker)) is { Count: > 0 } claims)
                {
                    foreach (var claim in claims)
                    {
                        leases.Add(claim.Lease);
                    }
                }
            },
            Token)));

        Assert.Equal(accepted.Order(StringComparer.Ordinal), leases.Select(lease => lease.RunId).Order(StringComparer.Ordinal));
        Assert.Equal(500, leases.Select(lease => lease.Token).Distinct(StringComparer.Ordinal).Count());
    }
}
