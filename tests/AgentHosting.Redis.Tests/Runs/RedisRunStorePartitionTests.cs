using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>A queue in several partitions.</summary>
public sealed class RedisRunStorePartitionTests(SharedRedis redis)
{
    private const int Partitions = 4;
    private readonly FakeTimeProvider _time = new();
    private readonly RedisOptions _options = Of(Partitions, SharedRedis.NewOptions().KeyPrefix);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void CreateRunId_ManyTenants_SpreadsThemAndSaysTheSameAgain()
    {
        var partitions = new RunPartitions(_options);

        var counts = Enumerable.Range(0, 4_000).Select(i => partitions.OfTenant($"tenant-{i}")).CountBy(static partition => partition).ToDictionary();

        Assert.Equal(Partitions, counts.Count);
        Assert.All(counts.Values, static count => Assert.InRange(count, 850, 1_150));
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(partitions.OfTenant($"tenant-{i}"), partitions.OfRun(partitions.CreateRunId($"tenant-{i}", _time.GetUtcNow()))));
        // Written down: another number would lose what is stored.
        Assert.Equal([1, 1, 2, 2], new[] { "acme", "globex", "initech", "" }.Select(partitions.OfTenant));
    }

    [Theory]
    [InlineData("run_3_x", 3)]
    [InlineData("run_4_x", 0)]
    [InlineData("run_-1_x", 0)]
    [InlineData("run__x", 0)]
    [InlineData("run_3", 0)]
    [InlineData("other", 0)]
    [InlineData("", 0)]
    public void OfRun_AnyId_NamesAPartition(string runId, int partition) => Assert.Equal(partition, new RunPartitions(_options).OfRun(runId));

    [Fact]
    public async Task ClaimAsync_RunsInAllPartitions_TakesEachOnceAndKeepsToRoom()
    {
        await using var store = Store(_options);
        var ids = await EnqueueAsync(store, 40);

        var partitions = new RunPartitions(_options);
        var claims = new List<ClaimedRun>();
        for (var i = 0; i < 20 && claims.Count < 40; i++)
        {
            var some = store.Claim(Claim(maxRuns: 7, room: 5));
            Assert.Equal(5, some.Count);
            Assert.True(i > 0 || some.Select(claim => partitions.OfRun(claim.Run.Id)).Distinct().Count() > 1);
            claims.AddRange(some);
        }

        Assert.Equal(ids.Order(), claims.Select(static claim => claim.Run.Id).Order());
        Assert.Equal(
            Enumerable.Repeat(RunRenewalOutcome.Held, 40).Append(RunRenewalOutcome.Lost),
            store.Renew([.. claims.Select(static claim => claim.Lease), new RunLease { RunId = "run_9_x", Epoch = 1, WorkerId = "w", Nonce = "n", Attempt = 1 }], TimeSpan.FromSeconds(30)));
        Assert.Equal(40, (await store.GetStatisticsAsync(Token)).Running);
        foreach (var claim in claims)
        {
            Assert.Equal(RunWriteOutcome.Committed, await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Succeeded, Result = claim.Run.Message }, Token));
            Assert.Equal(claim.Run.Message, (await store.GetAsync(claim.Run.Id, Token))!.Result);
        }
    }

    [Fact]
    public async Task WaitForWorkAsync_RunInAnyPartition_Wakes()
    {
        await using var store = Store(_options);
        for (var tenant = 0; tenant < 12; tenant++)
        {
            var waiting = store.WaitForWorkAsync(TimeSpan.FromMinutes(1), Token).AsTask();
            await using var other = Store(_options);
            await other.EnqueueAsync(Submission(other, $"tenant-{tenant}"), Token);
            await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token);
            Assert.Single(store.Claim(Claim(1, 1)));
        }
    }

    [Fact]
    public async Task SweepAsync_LeasesInAllPartitionsEnd_RecoversAll()
    {
        await using var store = Store(_options);
        await EnqueueAsync(store, 20);
        while ((store.Claim(Claim(20, 20))).Count > 0)
        {
        }

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(20, (await store.SweepAsync(new RunSweepRequest { MaxCrashes = 3, Limit = 50 }, Token)).Recovered);
        Assert.Equal(20, (await store.GetStatisticsAsync(Token)).Ready);
    }

    [Fact]
    public async Task ListAsync_PagesOverPartitions_GivesEachRunOnceInOrderWhateverComesMeanwhile()
    {
        await using var store = Store(_options);
        var ids = await EnqueueAsync(store, 53);
        var listed = new List<AgentRun>();
        string? next = null;
        do
        {
            var page = await store.ListAsync(new RunQuery { PageSize = 7, After = next }, Token);
            Assert.InRange(page.Runs.Count, page.Next is null ? 0 : 7, 7);
            listed.AddRange(page.Runs);
            next = page.Next;
            await EnqueueAsync(store, 3);
        }
        while (next is not null);

        Assert.Equal(ids.AsEnumerable().Reverse(), listed.Select(static run => run.Id));
        var ofOne = await store.ListAsync(new RunQuery { TenantId = "tenant-7", PageSize = 2 }, Token);
        Assert.Equal(2, ofOne.Runs.Count);
        Assert.All(ofOne.Runs, static run => Assert.Equal("tenant-7", run.Identity.TenantId));
        Assert.DoesNotContain('.', ofOne.Next!);
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.ListAsync(new RunQuery { After = "1.2" }, Token));
    }

    [Fact]
    public async Task EnqueueAsync_OtherNumberOfPartitions_IsRefusedAndNothingIsStored()
    {
        await using var first = Store(_options);
        await EnqueueAsync(first, 1);
        await using var second = Store(Of(2, _options.KeyPrefix));

        var refused = await Assert.ThrowsAsync<RunStoreUnavailableException>(async () => await EnqueueAsync(second, 1));

        Assert.Contains("AgentHosting:Redis:Partitions is 2, but queue 'default' is kept in 4", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await first.GetStatisticsAsync(Token)).Ready);
    }

    [Fact]
    public async Task EnqueueAsync_IdOfAnotherPartition_IsRefused()
    {
        await using var store = Store(_options);
        var submission = Submission(store, "acme", id: store.CreateRunId("initech"));

        var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await store.EnqueueAsync(submission, Token));

        Assert.Contains("CreateRunId", refused.Message, StringComparison.Ordinal);
    }

    private static RedisOptions Of(int partitions, string prefix) => new() { KeyPrefix = prefix, Partitions = partitions, CommandTimeout = TimeSpan.FromSeconds(30) };

    private static RunClaimRequest Claim(int maxRuns, int room) => new()
    {
        WorkerId = "w",
        MaxRuns = maxRuns,
        Agents = new Dictionary<string, int> { ["a"] = room },
        LeaseDuration = TimeSpan.FromSeconds(30),
    };

    private static RunSubmission Submission(RedisRunStore store, string tenant, string? id = null) => new()
    {
        Id = id ?? store.CreateRunId(tenant),
        Agent = "a",
        Message = tenant,
        Identity = new AgentIdentity { UserId = "u", TenantId = tenant },
        ExpireAfter = TimeSpan.FromHours(1),
    };

    private RedisRunStore Store(RedisOptions options) =>
        new(redis.Connect(_time, options), Microsoft.Extensions.Options.Options.Create(new RunStoreOptions()), NullLogger<RedisRunStore>.Instance);

    private async Task<List<string>> EnqueueAsync(RedisRunStore store, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            var submission = Submission(store, $"tenant-{i % 10}");
            Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(submission, Token)).Outcome);
            ids.Add(submission.Id);
        }

        return ids;
    }
}
