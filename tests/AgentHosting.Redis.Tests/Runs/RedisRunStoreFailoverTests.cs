using AgentHosting.Compliance;
using System.Diagnostics;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>The primary dies and a replica takes its place.</summary>
public sealed class RedisRunStoreFailoverTests
{
    private static readonly RunStep[] Steps = [.. Enumerable.Range(1, 3).Select(static number => new RunStep { Key = $"{number}", Kind = RunStepKind.Model, Name = "m", Attempt = 1, Payload = "{}"u8.ToArray() })];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failover_BothServersAreNamed_TheNewPrimaryIsFoundBeforeAnyCommandFails()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints);
        await using var store = Store(connection);
        var before = await EnqueueAsync(store, "a");
        await servers.CatchUpAsync();
        servers.Primary.Kill();
        await servers.PromoteWithoutPrimaryAsync();

        // Without looks of its own the multiplexer takes up to a minute.
        await TestHost.UntilAsync(() => Task.FromResult(connection.SinceBreak is not null), "the new primary is found");

        await EnqueueAsync(store, "b");
        Assert.NotNull(await store.GetAsync(before, Token));
    }

    [Fact]
    public async Task Demotion_OldPrimaryStaysConnected_CommandsFindTheNewPrimary()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints);
        await using var store = Store(connection);
        var before = await EnqueueAsync(store, "a");
        await servers.PromoteAsync();
        await ReplicatedRedis.CommandAsync(servers.Primary, "REPLICAOF", "127.0.0.1", $"{servers.Replica.Port}");

        var watch = Stopwatch.StartNew();
        await RepeatAsync(() => EnqueueAsync(store, "b"));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(45), $"It took {watch.Elapsed}.");
        Assert.NotNull(await store.GetAsync(before, Token));
    }

    [Fact]
    public async Task Get_OnlyAReplicaIsThere_FailsAndTellsNothingStale()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints);
        await using var store = Store(connection);
        var id = await EnqueueAsync(store, "a");
        servers.Primary.Kill();

        await Assert.ThrowsAsync<RunStoreUnavailableException>(async () => await store.GetAsync(id, Token));
        await Assert.ThrowsAsync<RunStoreUnavailableException>(async () => await EnqueueAsync(store, "b"));
    }

    [Fact]
    public async Task Commit_EarlierStepWasLostInTheFailover_IsRefused()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints);
        await using var store = Store(connection);
        var id = await EnqueueAsync(store, "a");
        var lease = await ClaimAsync(store);
        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(lease, Steps[0], [], Token));
        await servers.PromoteAsync();
        Assert.Equal(RunWriteOutcome.Committed, await store.CommitStepAsync(lease, Steps[1], [], Token));
        servers.Primary.Kill();

        // The new primary knows the attempt, and not what it goes on from.
        Assert.Equal(RunWriteOutcome.LeaseLost, await RepeatAsync(async () => await store.CommitStepAsync(lease, Steps[2], [], Token)));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.AppendEventsAsync(lease, 1, [new AgentRunEvent { Type = AgentRunEventTypes.StepStarted, Step = "4", HasEffects = true }], Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CompleteAsync(lease, new RunCompletion { Status = AgentRunStatus.Failed }, Token));
        Assert.Equal(["1"], (await store.GetAsync(id, Token))!.Steps.Select(static step => step.Key));
        // What it has come to is worth more than that its steps can be listed.
        Assert.Equal(RunWriteOutcome.Committed, await store.CompleteAsync(lease, new RunCompletion { Status = AgentRunStatus.Succeeded, Result = "done" }, Token));
    }

    [Fact]
    public async Task Claim_WasLostInTheFailover_AttemptOfEqualEpochIsFenced()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints);
        await using var store = Store(connection);
        var id = await EnqueueAsync(store, "a");
        await servers.PromoteAsync();
        var first = await ClaimAsync(store);
        servers.Primary.Kill();
        var second = await RepeatAsync(() => ClaimAsync(store));

        Assert.Equal((first.RunId, first.Epoch), (second.RunId, second.Epoch));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CommitStepAsync(first, Steps[0], [], Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.CompleteAsync(first, new RunCompletion { Status = AgentRunStatus.Succeeded }, Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.ReleaseAsync(first, new RunRelease { Failed = false, Interrupted = true }, Token));
        Assert.Equal([RunRenewalOutcome.Lost, RunRenewalOutcome.Held], await store.RenewAsync([first, second], TimeSpan.FromSeconds(30), Token));
        Assert.Equal(AgentRunStatus.Running, (await store.GetAsync(id, Token))!.Status);
    }

    [Fact]
    public async Task Replicated_NoReplicaAnswers_SubmissionFailsAndIsKnownByItsKeyLater()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints, RedisDurability.Replicated);
        await using var store = Store(connection);
        await RepeatAsync(() => EnqueueAsync(store, "a"));
        servers.Replica.Kill();

        var refused = await Assert.ThrowsAsync<RunStoreUnavailableException>(async () => await EnqueueAsync(store, "b"));
        Assert.Contains("No replica of Redis has acknowledged", refused.Message, StringComparison.Ordinal);
        await servers.Replica.RestartAsync();
        var again = await RepeatAsync(async () => await store.EnqueueAsync(Submission(store, "b"), Token));
        Assert.Equal(RunEnqueueOutcome.Replayed, again.Outcome);
        Assert.NotNull(await store.GetAsync(again.RunId!, Token));
    }

    [Fact]
    public async Task Replicated_AnotherConnectionWroteIt_RepetitionIsNotAcknowledgedBeforeAReplicaHasIt()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints, RedisDurability.Replicated);
        await using var store = Store(connection);
        await RepeatAsync(() => EnqueueAsync(store, "a"));
        await using var before = Connect(servers.Endpoints);
        await using var other = Store(before);
        servers.Replica.Freeze();
        await EnqueueAsync(other, "b");

        // It finds the run and writes nothing. From Redis 7.2 on WAIT asks only for what this connection has written, which the replica has.
        var refused = await Assert.ThrowsAsync<RunStoreUnavailableException>(async () => await EnqueueAsync(store, "b"));
        Assert.Contains("No replica of Redis has acknowledged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicated_ManyAtOnce_ShareTheWaitAndAllAreOnTheReplica()
    {
        await using var servers = await ReplicatedRedis.StartAsync();
        await using var connection = Connect(servers.Endpoints, RedisDurability.Replicated);
        await using var store = Store(connection);

        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => RepeatAsync(() => EnqueueAsync(store, $"k{number}"))));

        servers.Primary.Kill();
        await servers.PromoteWithoutPrimaryAsync();
        await using var survivor = Connect(servers.Replica.Endpoint);
        await using var rest = Store(survivor);
        foreach (var id in ids)
        {
            Assert.NotNull(await rest.GetAsync(id, Token));
        }
    }

    private static RedisConnection Connect(string endpoints, RedisDurability durability = RedisDurability.Fast) => new(
        new RedisSource(ConfigurationOptions.Parse(endpoints)), Options.Create(new RedisOptions { CommandTimeout = TimeSpan.FromSeconds(5), Durability = durability }));

    private static RedisRunStore Store(RedisConnection connection) => new(connection, Options.Create(new RunStoreOptions()), NullLogger<RedisRunStore>.Instance);

    private static RunSubmission Submission(RedisRunStore store, string key) => new()
    {
        Id = store.CreateRunId("ann"),
        Agent = "a",
        Identity = new AgentIdentity { UserId = "ann" },
        Message = "Go",
        ExpireAfter = TimeSpan.FromHours(1),
        IdempotencyKey = key,
        Fingerprint = key,
    };

    private static async Task<string> EnqueueAsync(RedisRunStore store, string key) => (await store.EnqueueAsync(Submission(store, key), Token)).RunId!;

    private static async Task<RunLease> ClaimAsync(RedisRunStore store) => Assert.Single(await store.ClaimAsync(
        new RunClaimRequest { WorkerId = "w", MaxRuns = 1, Agents = new Dictionary<string, int> { ["a"] = 1 }, LeaseDuration = TimeSpan.FromSeconds(30), JournalVersion = 1000 }, Token)).Lease;

    private static async Task<T> RepeatAsync<T>(Func<Task<T>> command)
    {
        while (true)
        {
            try
            {
                return await command();
            }
            catch (RunStoreUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
            }
        }
    }
}
