using AgentHosting.Compliance;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>What is left in Redis of a user who was erased, and of one whose data have aged out.</summary>
public sealed class RedisErasureTests(SharedRedis redis)
{
    private const string User = "planted-user";

    private readonly FakeTimeProvider _time = new();
    private readonly RedisOptions _options = SharedRedis.NewOptions();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EraseUser_AllKeys_HaveNothingOfTheUser(bool hasKeys)
    {
        await using var store = Store();
        await LiveAsync(store, hasKeys);
        Assert.NotEmpty(await FindAsync());

        Assert.True((await store.EraseUserAsync(new AgentIdentity { TenantId = "acme", UserId = User }, 100, Token)).IsComplete);

        // The order in which idempotency keys age names their owner until it is their turn.
        Assert.Equal(hasKeys ? [User] : [], await FindAsync());
        await redis.Multiplexer.GetDatabase().KeyDeleteAsync($"{{{_options.KeyPrefix}:{_options.Queue}:0}}:idemq");
        Assert.Empty(await FindAsync());
        Assert.Equal(0, await LiveCountAsync());
    }

    [Fact]
    public async Task EraseUser_IdempotencyKeysLater_HaveNothingOfTheUser()
    {
        await using var store = Store();
        await LiveAsync(store, hasKeys: true);
        await store.EraseUserAsync(new AgentIdentity { TenantId = "acme", UserId = User }, 100, Token);
        _time.Advance(TimeSpan.FromDays(2));
        await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5, Limit = 1000 }, Token);

        Assert.Empty(await FindAsync());
    }

    [Fact]
    public async Task Sweep_AllHasAgedOut_LeavesNothingOfTheUser()
    {
        await using var store = Store();
        await LiveAsync(store, hasKeys: true);
        for (var i = 0; i < 3; i++)
        {
            // Expired, then removed.
            _time.Advance(TimeSpan.FromDays(100));
            await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5, Limit = 1000 }, Token);
        }

        // One that waits for ever stays.
        var waiting = Assert.Single((await store.ListAsync(new RunQuery(), Token)).Runs);
        Assert.Equal(AgentRunStatus.Waiting, waiting.Status);
        await store.CancelAsync(waiting.Id, Token);
        await store.RemoveAsync(waiting.Id, Token);
        await store.DeleteSessionAsync(waiting.Identity, waiting.SessionId!, Token);
        Assert.Empty(await FindAsync());
    }

    [Fact]
    public async Task Enqueue_BeyondTheBounds_IndicesGoWithWhatIsForgotten()
    {
        await using var store = Store(new RunStoreOptions { MaxRetainedRuns = 1, MaxSessions = 1 });
        for (var i = 0; i < 4; i++)
        {
            await AcceptAsync(store, $"u{i}", $"s{i}");
            var claim = Assert.Single(await ClaimAsync(store));
            await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Succeeded, SessionMessages = "[]"u8.ToArray() }, Token);
        }

        Assert.Equal(["u3"], await KeySearch.FindAsync(redis.Multiplexer, _options.KeyPrefix, ["u0", "u1", "u2", "u3"]));
    }

    private static async Task LiveAsync(RedisRunStore store, bool hasKeys)
    {
        foreach (var status in (AgentRunStatus[])[AgentRunStatus.Succeeded, AgentRunStatus.Failed, AgentRunStatus.Cancelled])
        {
            await AcceptAsync(store, User, status.ToString(), hasKeys ? $"key {status}" : null);
            var lease = Assert.Single(await ClaimAsync(store)).Lease;
            await store.CommitStepAsync(lease, new RunStep { Key = "1", Kind = RunStepKind.Model, Name = "a", Attempt = 1, Payload = "{}"u8.ToArray() }, [], Token);
            await store.CompleteAsync(lease, new RunCompletion { Status = status, SessionMessages = "[]"u8.ToArray() }, Token);
        }

        await AcceptAsync(store, User, "waiting");
        var waiting = Assert.Single(await ClaimAsync(store)).Lease;
        await store.OpenWaitAsync(waiting, new RunWait { Key = "1", RequestId = "r", Kind = RunStepKind.Event, Name = "n" }, [], Token);
        await store.SuspendAsync(waiting, new RunSuspension(), Token);
        await AcceptAsync(store, User, "ready");
        await AcceptAsync(store, User, "ready");
        await AcceptAsync(store, User, null, hasKeys ? "key" : null);
    }

    private static async Task AcceptAsync(RedisRunStore store, string user, string? session, string? key = null) =>
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(
            new RunSubmission
            {
                Id = store.CreateRunId("acme"),
                Agent = "a",
                Message = "Hello",
                Identity = new AgentIdentity { TenantId = "acme", UserId = user },
                SessionId = session,
                IdempotencyKey = key,
                ExpireAfter = TimeSpan.FromHours(1),
            },
            Token)).Outcome);

    private static ValueTask<IReadOnlyList<ClaimedRun>> ClaimAsync(RedisRunStore store) => store.ClaimAsync(
        new RunClaimRequest { WorkerId = "w", Agents = new Dictionary<string, int> { ["a"] = 1 }, MaxRuns = 1, LeaseDuration = TimeSpan.FromMinutes(1) }, Token);

    private Task<HashSet<string>> FindAsync() => KeySearch.FindAsync(redis.Multiplexer, _options.KeyPrefix, [User]);

    private async Task<long> LiveCountAsync() => (long)await redis.Multiplexer.GetDatabase().HashGetAsync($"{{{_options.KeyPrefix}:{_options.Queue}:0}}:c", "live");

    private RedisRunStore Store(RunStoreOptions? options = null) =>
        new(redis.Connect(_time, _options), Microsoft.Extensions.Options.Options.Create(options ?? new RunStoreOptions()), NullLogger<RedisRunStore>.Instance);
}
