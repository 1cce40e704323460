using System.Xml.Linq;
using AgentHosting.Compliance;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
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

    [Fact]
    public async Task Claim_KeyRingOfDataProtectionIsOutOfReach_RunDoesNotFail()
    {
        var ring = new KeyRing();
        var connection = redis.Connect(_time);
        await using var before = Store(connection, Protector(ring));
        var id = await AcceptAsync(before, "acme");
        // A process that has just started, and has not read the ring yet.
        await using var store = Store(connection, Protector(ring));
        ring.IsAway = true;

        Assert.Empty(await ClaimAsync(store));

        Assert.Equal(AgentRunStatus.Queued, (await before.GetAsync(id, Token))!.Status);
        ring.IsAway = false;
        _time.Advance(Lease);
        Assert.Equal("Go", Assert.Single(await ClaimAsync(store)).Run.Message);
    }

    private RedisRunStore Store() => Store(redis.Connect(_time), _keys);

    private static RedisRunStore Store(RedisConnection connection, IPayloadProtector protector) =>
        new(connection, Microsoft.Extensions.Options.Options.Create(new RunStoreOptions()), NullLogger<RedisRunStore>.Instance, protector);

    private static IPayloadProtector Protector(KeyRing ring)
    {
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("test").AddKeyManagementOptions(options => options.XmlRepository = ring);
        services.AddAgentHosting().UseDataProtection();
        return services.BuildServiceProvider().GetRequiredService<IPayloadProtector>();
    }

    private static async Task<string> AcceptAsync(RedisRunStore store, string tenant)
    {
        var id = store.CreateRunId(tenant);
        await store.EnqueueAsync(new RunSubmission { Id = id, Agent = "a", Message = "Go", Identity = new AgentIdentity { TenantId = tenant }, ExpireAfter = TimeSpan.FromHours(1) }, Token);
        return id;
    }

    private static ValueTask<IReadOnlyList<ClaimedRun>> ClaimAsync(RedisRunStore store) => store.ClaimAsync(
        new RunClaimRequest { WorkerId = "w", MaxRuns = 10, Agents = new Dictionary<string, int> { ["a"] = 10 }, LeaseDuration = Lease }, Token);

    private sealed class KeyRing : IXmlRepository
    {
        private readonly List<XElement> _keys = [];

        public bool IsAway { get; set; }

        public IReadOnlyCollection<XElement> GetAllElements() => IsAway ? throw new IOException("The share is not there.") : [.. _keys];

        public void StoreElement(XElement element, string friendlyName) => _keys.Add(element);
    }

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
