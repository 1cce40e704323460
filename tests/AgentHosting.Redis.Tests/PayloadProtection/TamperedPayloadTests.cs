using AgentHosting.Compliance;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Runs.Internal;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.PayloadProtection;

/// <summary>Somebody who can write to Redis puts payloads where they do not belong; old and new ones stand side by side.</summary>
public sealed class TamperedPayloadTests : IAsyncDisposable
{
    private readonly RedisOptions _options = SharedRedis.NewOptions();
    private readonly RedisConnection _connection;
    private readonly IDatabase _database;

    public TamperedPayloadTests(SharedRedis redis)
    {
        _connection = redis.Connect(options: _options);
        _database = redis.Multiplexer.GetDatabase();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "message")]
    [InlineData(true, "message")]
    [InlineData(true, "sub")]
    public async Task Get_PayloadOfAnotherTenant_IsRefused(bool isDataProtection, string field)
    {
        await using var store = Store(Protector(isDataProtection));
        var (victim, thief) = (await AcceptAsync(store, "acme"), await AcceptAsync(store, "other"));
        var stolen = await _database.HashGetAsync(Key("r", victim), field);
        // Who is meant stands beside the payload, and is changed with it.
        stolen = field == "sub" ? ((string)stolen!).Replace("acme", "other", StringComparison.Ordinal) : stolen;
        await _database.HashSetAsync(Key("r", thief), field, stolen);

        await Assert.ThrowsAsync<PayloadProtectionException>(() => store.GetAsync(thief, Token).AsTask());
        Assert.Equal("secret of acme", (await store.GetAsync(victim, Token))!.Message);
        var claims = await ClaimAsync(store);
        Assert.Equal(victim, Assert.Single(claims).Run.Id);
        Assert.Equal(AgentRunErrorCodes.PayloadUnreadable, (await store.ListAsync(new RunQuery { IsDeadLetter = true }, Token)).Runs[0].Error!.Code);
    }

    [Fact]
    public async Task Claim_StepInThePlaceOfAnotherKind_IsRefused()
    {
        await using var store = Store(Protector(true));
        var id = await AcceptAsync(store, "acme");
        var lease = (await ClaimAsync(store))[0].Lease;
        await store.CommitStepAsync(lease, new RunStep { Key = "1", Kind = RunStepKind.Model, Name = "a", Attempt = 1, Payload = "{}"u8.ToArray() }, [], Token);
        await store.ReleaseAsync(lease, new RunRelease { Failed = false }, Token);
        await _database.HashSetAsync(Key("jp", id), "1", await _database.HashGetAsync(Key("r", id), "message"));

        Assert.Empty(await ClaimAsync(store));
        Assert.Equal(AgentRunStatus.Failed, (await store.GetAsync(id, Token))!.Status);
    }

    [Theory]
    [InlineData("\u00ff")]
    [InlineData("\u00ffS5:100:abc")]
    [InlineData("\u00ffS5:5:abcde")]
    [InlineData("\u00ffS99999999999:5:abcde")]
    [InlineData("\u00ffX")]
    [InlineData("\u00ffP3:3:abcd")]
    public async Task Get_BrokenFrame_IsRefusedAndTheListGoesOn(string stored)
    {
        await using var store = Store(Protector(true));
        var (broken, whole) = (await AcceptAsync(store, "acme"), await AcceptAsync(store, "acme"));
        await _database.HashSetAsync(Key("r", broken), "message", System.Text.Encoding.Latin1.GetBytes(stored));

        await Assert.ThrowsAsync<PayloadProtectionException>(() => store.GetAsync(broken, Token).AsTask());
        Assert.Equal([whole, broken], (await store.ListAsync(new RunQuery(), Token)).Runs.Select(static run => run.Id));
    }

    [Fact]
    public async Task GetSession_TurnOfAnotherTenant_IsRefusedAndItsRunsFail()
    {
        await using var store = Store(Protector(true));
        foreach (var tenant in (string[])["acme", "other"])
        {
            await AcceptAsync(store, tenant, "s");
            var claim = Assert.Single(await ClaimAsync(store));
            await store.CompleteAsync(claim.Lease, new RunCompletion { Status = AgentRunStatus.Succeeded, SessionMessages = "[]"u8.ToArray() }, Token);
        }

        var (victim, thief) = (SessionKey("acme"), SessionKey("other"));
        await _database.HashSetAsync(thief, (await _database.HashKeysAsync(thief))[0], (await _database.HashGetAllAsync(victim))[0].Value);

        await Assert.ThrowsAsync<PayloadProtectionException>(() => store.GetSessionAsync(Owner("other"), "s", Token).AsTask());
        var next = await AcceptAsync(store, "other", "s");
        Assert.Empty(await ClaimAsync(store));
        Assert.Equal(AgentRunErrorCodes.PayloadUnreadable, (await store.GetAsync(next, Token))!.Error!.Code);
    }

    [Fact]
    public async Task Text_PlainAndProtectedPieces_AreOneText()
    {
        await using var old = Store(null);
        await using var store = Store(new TestProtector());
        var id = await AcceptAsync(old, "acme", "s");
        var lease = (await ClaimAsync(old))[0].Lease;
        var expected = "";
        for (var batch = 1; batch <= 60; batch++)
        {
            var text = $"{batch} \u00e9\"\\\n\U0001F600 ";
            expected += text;
            AgentRunEvent[] events =
            [
                new() { Type = AgentRunEventTypes.TextDelta, Step = "1", Text = text },
                new() { Type = AgentRunEventTypes.ReasoningDelta, Step = "1", Text = text },
            ];
            await (batch % 3 == 0 ? old : store).AppendEventsAsync(lease, batch, events, Token);
        }

        // The first 22 of the 122 events are folded, of which two are no text.
        var page = (await store.ReadEventsAsync(id, 0, 1000, Token))!;
        Assert.Equal((AgentRunEventTypes.Snapshot, 22L), (page.Events[0].Type, page.Events[0].Sequence));
        Assert.Equal(expected, page.Events[0].Text + string.Concat(page.Events.Where(static told => told.Type == AgentRunEventTypes.TextDelta).Select(static told => told.Text)));
        await store.CancelAsync(id, Token);
        await store.ReleaseAsync(lease, new RunRelease { Failed = false }, Token);

        Assert.Equal(expected, Assert.Single((await store.GetSessionAsync(Owner("acme"), "s", Token))!.Turns).PartialText);
        await Assert.ThrowsAsync<PayloadProtectionException>(() => old.GetSessionAsync(Owner("acme"), "s", Token).AsTask());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Claim_PayloadThatLooksLikeAFrame_ComesBackAsItWas(bool isProtected)
    {
        await using var store = Store(isProtected ? new TestProtector() : null);
        await AcceptAsync(store, "acme");
        var lease = (await ClaimAsync(store))[0].Lease;
        byte[] payload = [0xff, .. "S5:5:abcde"u8];
        await store.CommitStepAsync(lease, new RunStep { Key = "1", Kind = RunStepKind.Model, Name = "a", Attempt = 1, Payload = payload }, [], Token);
        await store.NoteStepAsync(lease, new RunStepNote { Key = "2", Payload = payload }, Token);
        await store.ReleaseAsync(lease, new RunRelease { Failed = false }, Token);

        var claim = Assert.Single(await ClaimAsync(store));

        Assert.Equal(payload, Assert.Single(claim.Journal).Payload.ToArray());
        Assert.Equal(payload, Assert.Single(claim.Notes).Payload.ToArray());
    }

    [Fact]
    public async Task Answer_UnknownRun_IsNotFoundAndUnknownLeaseIsLost()
    {
        await using var store = Store(new TestProtector());
        var lease = new RunLease { RunId = "run_0_unknown", Epoch = 1, WorkerId = "w", Nonce = "n", Attempt = 1 };

        Assert.Equal(RunAnswerOutcome.NotFound, await store.AnswerAsync("run_0_unknown", "r", new RunAnswer { Decision = "approved", Payload = default }, Token));
        Assert.Equal(RunAnswerOutcome.NotFound, await store.RaiseEventAsync("run_0_unknown", new RunSignal { Name = "n", Payload = "{}"u8.ToArray() }, Token));
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.NoteStepAsync(lease, new RunStepNote { Key = "1" }, Token));
    }

    [Fact]
    public async Task Commit_LeaseOfAnotherProcess_IsProtectedForTheOwner()
    {
        await using var store = Store(new TestProtector());
        var id = await AcceptAsync(store, "acme");
        var lease = (await ClaimAsync(store))[0].Lease;
        // Not the object that the claim gave: another store that knows the token.
        await using var other = Store(new TestProtector());
        await other.CompleteAsync(lease, new RunCompletion { Status = AgentRunStatus.Succeeded, Result = "done" }, Token);

        Assert.Equal("done", (await store.GetAsync(id, Token))!.Result);
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private static IPayloadProtector Protector(bool isDataProtection)
    {
        if (!isDataProtection)
        {
            return new TestProtector();
        }

        var services = new ServiceCollection();
        services.AddAgentHosting().UseDataProtection();
        services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        return services.BuildServiceProvider().GetRequiredService<IPayloadProtector>();
    }

    private static AgentIdentity Owner(string tenant) => new() { TenantId = tenant, UserId = "ann" };

    private static async Task<string> AcceptAsync(RedisRunStore store, string tenant, string? session = null)
    {
        var submission = new RunSubmission
        {
            Id = store.CreateRunId(tenant),
            Agent = "a",
            Message = $"secret of {tenant}",
            Identity = new AgentIdentity { TenantId = tenant, UserId = "ann", Claims = [new AgentClaim { Type = "t", Value = "v" }] },
            SessionId = session,
            ExpireAfter = TimeSpan.FromHours(1),
        };
        Assert.Equal(RunEnqueueOutcome.Enqueued, (await store.EnqueueAsync(submission, Token)).Outcome);
        return submission.Id;
    }

    private static ValueTask<IReadOnlyList<ClaimedRun>> ClaimAsync(RedisRunStore store) => store.ClaimAsync(
        new RunClaimRequest { WorkerId = "w", Agents = new Dictionary<string, int> { ["a"] = 10 }, MaxRuns = 10, LeaseDuration = TimeSpan.FromMinutes(1) }, Token);

    private string Key(string kind, string id) => $"{{{_options.KeyPrefix}:{_options.Queue}:0}}:{kind}:{id}";

    private string SessionKey(string tenant) => Key("sb", $"{tenant.Length}:{tenant}:3:ann:s");

    private RedisRunStore Store(IPayloadProtector? protector) =>
        new(_connection, Microsoft.Extensions.Options.Options.Create(new RunStoreOptions { MaxEventsPerRun = 100 }), NullLogger<RedisRunStore>.Instance, protector);
}
