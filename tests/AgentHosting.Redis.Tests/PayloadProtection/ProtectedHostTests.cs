using System.Text.Json;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Tests.ResponseCaching;
using AgentHosting.Redis.Tests.Servers;
using AgentHosting.ResponseCaching;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Redis.Tests.PayloadProtection;

/// <summary>Whole hosts on one Redis, with the key ring of Data Protection.</summary>
public sealed class ProtectedHostTests(SharedRedis redis) : IDisposable
{
    private static readonly string[] _planted =
        ["planted-instructions", "planted-message", "planted-claim", "planted-metadata", "planted-argument", "planted-toolresult", "planted-reason", "planted-approver", "planted-answer"];

    private readonly RedisOptions _options = SharedRedis.NewOptions();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agenthosting-keys");
    private readonly List<IHost> _hosts = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ModelToolApprovalSessionAndCache_IsInRedisAsItIsProtected(bool isProtected)
    {
        using var model = Model();
        var host = await StartAsync(model, isProtected ? "keys" : null);
        var client = host.Services.GetRequiredService<IAgentRunClient>();
        var found = new HashSet<string>();

        var run = (await client.SubmitAsync(Request(), Token)).RunId;
        await TestHost.UntilAsync(async () => (await client.GetAsync(run, Token))!.Status == AgentRunStatus.Waiting, "the run asks");
        await LookAsync();
        var wait = Assert.Single((await client.GetAsync(run, Token))!.Waits);
        Assert.Equal("planted-argument", wait.Arguments!.Value.GetProperty("about").GetString());
        await client.AnswerApprovalAsync(run, wait.RequestId, new AgentRunApproval { Approved = true, Reason = "planted-reason", Approver = "planted-approver" }, Token);
        await LookAsync();
        var ended = await client.WaitAsync(run, Token);
        await LookAsync();

        Assert.Equal((AgentRunStatus.Succeeded, "planted-answer"), (ended!.Status, ended.Result));
        Assert.Equal(isProtected ? [] : _planted.Order(), found.Order());
        // Another replica reads what the first one wrote.
        using var unused = Model();
        var other = (await StartAsync(unused, isProtected ? "keys" : null)).Services;
        var read = await other.GetRequiredService<IAgentRunClient>().GetAsync(run, Token);
        Assert.Equal(("planted-message", "planted-metadata", "planted-claim"), (read!.Message, read.Metadata["label"], Assert.Single(read.Identity.Claims).Value));
        var turn = Assert.Single((await other.GetRequiredService<IRunStore>().GetSessionAsync(read.Identity, "s", Token))!.Turns);
        Assert.Contains("planted-toolresult", System.Text.Encoding.UTF8.GetString(turn.Messages.Span), StringComparison.Ordinal);
        var text = "";
        await foreach (var told in other.GetRequiredService<IAgentRunClient>().WatchAsync(run, 0, Token))
        {
            text += told.Type == AgentRunEventTypes.TextDelta ? told.Text : "";
        }

        Assert.Equal("planted-answer", text);

        async Task LookAsync() => found.UnionWith(await KeySearch.FindAsync(redis.Multiplexer, _options.KeyPrefix, _planted));
    }

    [Fact]
    public async Task Cache_WithDataProtection_AnswersAreSharedAndNotReadable()
    {
        using var model = new CountingModel().Open();
        var (one, other) = (await StartAsync(model, "keys"), await StartAsync(model, "keys"));

        Assert.Equal("answer 1", await AskAsync(one));
        await TestHost.UntilAsync(async () => (await KeySearch.ReadAsync(redis.Multiplexer, _options.KeyPrefix + ":cache")).Count > 0, "the answer is stored");
        Assert.Equal("answer 1", await AskAsync(other));

        Assert.Equal(1, model.Calls);
        Assert.Empty(await KeySearch.FindAsync(redis.Multiplexer, _options.KeyPrefix, ["answer 1", Convert.ToBase64String("answer 1"u8)[..8]]));
    }

    [Fact]
    public async Task Cache_AnswerOfAnotherKeyRing_IsAskedForAgainAndReplaced()
    {
        using var model = new CountingModel().Open();
        var log = new ListLogger();
        var (one, other) = (await StartAsync(model, "keys"), await StartAsync(model, "other", log));
        Assert.Equal("answer 1", await AskAsync(one));
        await TestHost.UntilAsync(async () => (await KeySearch.ReadAsync(redis.Multiplexer, _options.KeyPrefix + ":cache")).Count > 0, "the answer is stored");

        Assert.Equal("answer 2", await AskAsync(other));

        Assert.Contains(log.Entries, static entry => entry.Id == 6102);
        var third = await StartAsync(model, "other");
        await TestHost.UntilAsync(async () => await AskAsync(third) == "answer 2", "the answer was replaced");
    }

    [Theory]
    [InlineData("other", "was not found in the key ring")]
    [InlineData(null, "has no IPayloadProtector")]
    public async Task Claim_RunOfAnotherKeyRing_FailsAndOthersGoOn(string? keys, string why)
    {
        using var model = Scripted("fine");
        var writer = await StartAsync(model, "keys", settings: ("AgentHosting:Worker:Enabled", "false"));
        var lost = (await writer.Services.GetRequiredService<IAgentRunClient>().SubmitAsync(Request("b", "s2"), Token)).RunId;
        var log = new ListLogger();
        var worker = await StartAsync(model, keys, log);
        var client = worker.Services.GetRequiredService<IAgentRunClient>();
        var own = (await client.SubmitAsync(Request("b", "s1"), Token)).RunId;

        Assert.Equal(AgentRunStatus.Succeeded, (await client.WaitAsync(own, Token))!.Status);

        var admin = worker.Services.GetRequiredService<IAgentRunAdmin>();
        await TestHost.UntilAsync(async () => (await admin.ListAsync(new RunQuery { IsDeadLetter = true }, Token)).Runs.Count == 1, "the run failed");
        var listed = (await admin.ListAsync(new RunQuery(), Token)).Runs;
        Assert.Equal([own, lost], listed.Select(static run => run.Id));
        Assert.Equal((null, "", "planted-message"), (listed[0].Unreadable, listed[1].Message, listed[0].Message));
        Assert.Equal(AgentRunErrorCodes.PayloadUnreadable, listed[1].Error!.Code);
        Assert.Contains(why, listed[1].Unreadable, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<PayloadProtectionException>(() => client.GetAsync(lost, Token).AsTask());
        Assert.Equal(lost, error.RunId);
        Assert.Contains(lost, error.Message, StringComparison.Ordinal);
        Assert.Contains("UseDataProtection", error.Message, StringComparison.Ordinal);
        Assert.Single(log.Entries, static entry => entry.Id == 6202);

        // With the keys it goes on: the worker that cannot read it is gone.
        await worker.StopAsync(Token);
        var right = await StartAsync(model, "keys");
        var again = await right.Services.GetRequiredService<IAgentRunAdmin>().RequeueAsync(lost, cancellationToken: Token);
        var ended = await right.Services.GetRequiredService<IAgentRunClient>().WaitAsync(again.RunId!, Token);
        Assert.Equal((AgentRunStatus.Succeeded, "fine"), (ended!.Status, ended.Result));
    }

    [Fact]
    public async Task Run_AcceptedBeforeProtectionWasSwitchedOn_IsDoneAfterIt()
    {
        using var model = Model();
        var before = await StartAsync(model, null);
        var client = before.Services.GetRequiredService<IAgentRunClient>();
        var run = (await client.SubmitAsync(Request(), Token)).RunId;
        await TestHost.UntilAsync(async () => (await client.GetAsync(run, Token))!.Status == AgentRunStatus.Waiting, "the run asks");
        await before.StopAsync(Token);

        var after = await StartAsync(model, "keys");
        client = after.Services.GetRequiredService<IAgentRunClient>();
        var wait = Assert.Single((await client.GetAsync(run, Token))!.Waits);
        await client.AnswerApprovalAsync(run, wait.RequestId, new AgentRunApproval { Approved = true, Reason = "planted-reason", Approver = "planted-approver" }, Token);
        var ended = await client.WaitAsync(run, Token);

        Assert.Equal((AgentRunStatus.Succeeded, "planted-answer"), (ended!.Status, ended.Result));
        Assert.DoesNotContain("planted-answer", await KeySearch.FindAsync(redis.Multiplexer, _options.KeyPrefix, _planted));
    }

    public void Dispose()
    {
        foreach (var host in _hosts)
        {
            host.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static ScriptedChatClient Model() => new(
        ScriptedTurn.ToolCall("lookup", """{"about":"planted-argument"}"""), ScriptedTurn.Text("planted-answer"));

    private static ScriptedChatClient Scripted(string text) => new(ScriptedTurn.Text(text), ScriptedTurn.Text(text), ScriptedTurn.Text(text));

    private static AgentRunRequest Request(string agent = "t", string session = "s") => new()
    {
        Agent = agent,
        Message = "planted-message",
        Identity = new AgentIdentity { TenantId = "acme", UserId = "ann", Claims = [new AgentClaim { Type = "role", Value = "planted-claim" }] },
        Metadata = new Dictionary<string, string> { ["label"] = "planted-metadata" },
        SessionId = session,
    };

    private static async Task<string> AskAsync(IHost host) =>
        (await host.Services.GetRequiredService<IChatClient>().GetResponseAsync("q", null, Token)).Text;

    private async Task<IHost> StartAsync(IChatClient model, string? keys, ListLogger? log = null, params (string Key, string Value)[] settings)
    {
        var lookup = AIFunctionFactory.Create((string about) => "planted-toolresult", "lookup");
        var host = TestHost.Create(
            builder =>
            {
                builder.AddRedis(redis.Endpoint, options => (options.KeyPrefix, options.CommandTimeout) = (_options.KeyPrefix, TimeSpan.FromSeconds(20)));
                builder.AddAgent("t", agent => agent.WithInstructions("planted-instructions").WithTool(lookup, ToolRisk.High)).AddAgent("b").AddToolValidation();
                builder.Services.AddSingleton(provider => model.AsBuilder().UseResponseCache(new ResponseCacheOptions { SizeLimit = 0, StoreTimeout = TimeSpan.FromSeconds(5) }).Build(provider));
                if (keys is not null)
                {
                    builder.Services.AddDataProtection().SetApplicationName("tests").PersistKeysToFileSystem(_folder.CreateSubdirectory(keys));
                    builder.UseDataProtection();
                }
            },
            model,
            log,
            [("AgentHosting:Worker:MaxPollInterval", "00:00:01"), .. settings]);
        _hosts.Add(host);
        await host.StartAsync(Token);
        return host;
    }
}
