using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>Two versions of a program work side by side on one Redis, as in a deploy: the older one leaves alone what it cannot read.</summary>
public sealed class RollingUpgradeTests(SharedRedis redis)
{
    private readonly string _prefix = SharedRedis.NewOptions().KeyPrefix;
    private int _toolCalls;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upgrade_RunBegunByTheNewVersion_IsGoneOnWithByItAlone()
    {
        using var reached = new SemaphoreSlim(0);
        using var first = new ScriptedChatClient(request =>
        {
            if (request.ToolResultTexts.Count == 0)
            {
                return ScriptedTurn.ToolCalls(new ScriptedToolCall("look", new Dictionary<string, object?>()));
            }

            reached.Release();
            return ScriptedTurn.Text("never").WithDelay(TimeSpan.FromMinutes(10));
        });
        var runId = "";
        using (var next = Host(first, isNext: true))
        {
            await next.StartAsync(Token);
            runId = await SubmitAsync(next, "Begin", "s1");
            Assert.True(await reached.WaitAsync(TimeSpan.FromSeconds(30), Token));
            // It hands back, with the model's first answer and the tool's in the journal.
            await next.StopAsync(Token);
        }

        using var old = new ScriptedChatClient(static _ => ScriptedTurn.Text("by the old version"));
        using var older = Host(old, isNext: false);
        await older.StartAsync(Token);
        // What it may do it does, beside the run that it leaves.
        Assert.Equal("by the old version", (await EndAsync(older, await SubmitAsync(older, "Else", null))).Result);
        Assert.Equal(AgentRunStatus.Queued, (await GetAsync(older, runId)).Status);

        using var second = new ScriptedChatClient(static request => ScriptedTurn.Text($"Done with {request.ToolResultTexts.Count} result"));
        using var again = Host(second, isNext: true);
        await again.StartAsync(Token);
        var run = await EndAsync(older, runId);

        Assert.Equal(("Done with 1 result", 1), (run.Result, _toolCalls));

        // The session is of the new format now: only the new version goes on with it, also where the older accepts the message.
        await again.StopAsync(Token);
        var later = await SubmitAsync(older, "More", "s1");
        Assert.Equal("by the old version", (await EndAsync(older, await SubmitAsync(older, "Else", "s2"))).Result);
        Assert.Equal(AgentRunStatus.Queued, (await GetAsync(older, later)).Status);
        using var third = new ScriptedChatClient(static request => ScriptedTurn.Text($"after {request.Messages.Count} messages"));
        using var last = Host(third, isNext: true);
        await last.StartAsync(Token);
        Assert.Equal("after 5 messages", (await EndAsync(older, later)).Result);
        await last.StopAsync(Token);
        await older.StopAsync(Token);
    }

    private IHost Host(IChatClient model, bool isNext) => TestHost.Create(
        builder =>
        {
            builder.AddRedis(redis.Endpoint, options => options.KeyPrefix = _prefix)
                .ConfigureWorker(static worker => (worker.DrainTimeout, worker.MaxPollInterval) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200)))
                .AddAgent("looker", agent => agent.WithTool(
                    AIFunctionFactory.Create(() => Interlocked.Increment(ref _toolCalls), "look"), static tool => tool.Risk = ToolRisk.Low));
            if (isNext)
            {
                var registered = builder.Services.Last(static service => service.ServiceType == typeof(IRunStore));
                builder.Services.AddSingleton(provider => NextVersionStore.Around((IRunStore)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!)));
            }
        },
        model);

    private static async Task<string> SubmitAsync(IHost host, string message, string? session) =>
        (await host.Services.GetRequiredService<IAgentRunClient>().SubmitAsync(new AgentRunRequest { Agent = "looker", Message = message, SessionId = session }, Token)).RunId;

    private static async Task<AgentRun> GetAsync(IHost host, string runId) => (await host.Services.GetRequiredService<IAgentRunClient>().GetAsync(runId, Token))!;

    private static async Task<AgentRun> EndAsync(IHost host, string runId)
    {
        await TestHost.UntilAsync(async () => (await GetAsync(host, runId)).Status >= AgentRunStatus.Succeeded, "the run ends");
        return await GetAsync(host, runId);
    }
}
