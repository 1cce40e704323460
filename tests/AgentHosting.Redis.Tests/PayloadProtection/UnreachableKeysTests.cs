using AgentHosting.Compliance;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.PayloadProtection;

/// <summary>A protector that cannot get at its keys for a while, as one whose keys are with a service.</summary>
public sealed class UnreachableKeysTests(SharedRedis redis)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();
    private readonly KeysOfAService _keys = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Claim_KeysOfOneRunAreOutOfReach_OthersAreTakenAndItGoesBackUncounted()
    {
        await using var store = Store();
        var (one, late, two) = (await AcceptAsync(store, "acme"), await AcceptAsync(store, "late"), await AcceptAsync(store, "globex"));
        _keys.OutOfReach = "late";

        Assert.Equal([one, two], (await ClaimAsync(store)).Select(static claim => claim.Run.Id));

        Assert.Empty(await ClaimAsync(store));
        _keys.OutOfReach = null;
        var waiting = (await store.GetAsync(late, Token))!;
        Assert.Equal((AgentRunStatus.Queued, 0, 0, 0), (waiting.Status, waiting.Attempts, waiting.Failures, waiting.Crashes));
        _time.Advance(Lease);
        Assert.Equal(late, Assert.Single(await ClaimAsync(store)).Run.Id);
    }

    [Fact]
    public async Task Claim_KeysAreOutOfReachForLong_NoRunIsLostToTheCrashLimit()
    {
        await using var store = Store();
        var id = await AcceptAsync(store, "acme");
        _keys.OutOfReach = "acme";
        for (var i = 0; i < 10; i++)
        {
            Assert.Empty(await ClaimAsync(store));
            _time.Advance(Lease * 2);
            await store.SweepAsync(new RunSweepRequest { MaxCrashes = 5 }, Token);
        }

        _keys.OutOfReach = null;
        Assert.Equal(id, Assert.Single(await ClaimAsync(store)).Run.Id);
    }

    private RedisRunStore Store() =>
        new(redis.Connect(_time), Microsoft.Extensions.Options.Options.Create(new RunStoreOptions()), NullLogger<RedisRunStore>.Instance, _keys);

    private static async Task<string> AcceptAsync(RedisRunStore store, string tenant)
    {
        var id = store.CreateRunId(tenant);
        await store.EnqueueAsync(new RunSubmission { Id = id, Agent = "a", Message = "Go", Identity = new AgentIdentity { TenantId = tenant }, ExpireAfter = TimeSpan.FromHours(1) }, Token);
        return id;
    }

    private static ValueTask<IReadOnlyList<ClaimedRun>> ClaimAsync(RedisRunStore store) => store.ClaimAsync(
        new RunClaimRequest { WorkerId = "w", MaxRuns = 10, Agents = new Dictionary<string, int> { ["a"] = 10 }, LeaseDuration = Lease }, Token);

    private sealed class KeysOfAService : IPayloadProtector
    {
        private readonly TestProtector _protector = new();

        public string? OutOfReach { get; set; }

        public byte[] Protect(ReadOnlySpan<byte> payload, PayloadContext context) => _protector.Protect(payload, context);

        public byte[] Unprotect(ReadOnlySpan<byte> protectedPayload, PayloadContext context) => context.TenantId == OutOfReach
            ? throw new HttpRequestException("The service of keys does not answer.")
            : _protector.Unprotect(protectedPayload, context);
    }
}
