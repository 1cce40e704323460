using AgentHosting.Redis.Tests.Servers;
using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>A run that one replica executes is cancelled by another: a message tells it, and where none comes through the next renewal does.</summary>
public sealed class RunCancellationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cancel_ByAnotherReplica_StopsTheToolBeforeAnyRenewal()
    {
        await using var redis = await RedisServer.StartAsync();

        Assert.Equal(AgentRunStatus.Cancelled, await CancelAsync(redis, lease: TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task Cancel_MessagesAreBlocked_StopsTheToolAtTheNextRenewal()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{redis.Endpoint},allowAdmin=true");
        var killed = 0L;

        Assert.Equal(AgentRunStatus.Cancelled, await CancelAsync(redis, lease: TimeSpan.FromSeconds(3), KillListenersAsync));
        Assert.True(killed > 0);

        async Task KillListenersAsync(CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                killed += await admin.GetServer(redis.Endpoint).ClientKillAsync(clientType: ClientType.PubSub);
            }
        }
    }

    /// <summary>Cancels a run in the middle of a tool that waits for its token.</summary>
    /// <param name="redis">The server.</param>
    /// <param name="lease">Of which a third passes between two renewals.</param>
    /// <param name="trouble">What goes on from before it is cancelled until the tool has stopped.</param>
    /// <returns>How the run ends.</returns>
    private static async Task<AgentRunStatus> CancelAsync(RedisServer redis, TimeSpan lease, Func<CancellationToken, Task>? trouble = null)
    {
        using var reached = new SemaphoreSlim(0);
        using var stopped = new SemaphoreSlim(0);
        using var model = new ScriptedChatClient(static _ => ScriptedTurn.ToolCalls(new ScriptedToolCall("wait", new Dictionary<string, object?>())));
        using var worker = Host(executes: true);
        using var other = Host(executes: false);
        await worker.StartAsync(Token);
        await other.StartAsync(Token);
        var client = other.Services.GetRequiredService<IAgentRunClient>();
        var runId = (await client.SubmitAsync(new AgentRunRequest { Agent = "waiter", Message = "Wait" }, Token)).RunId;
        Assert.True(await reached.WaitAsync(TimeSpan.FromSeconds(30), Token));

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var troubled = trouble?.Invoke(end.Token) ?? Task.CompletedTask;
        await client.CancelAsync(runId, Token);
        Assert.True(await stopped.WaitAsync(TimeSpan.FromSeconds(30), Token));
        await end.CancelAsync();
        await troubled;
        await TestHost.UntilAsync(async () => (await client.GetAsync(runId, Token))!.Status >= AgentRunStatus.Succeeded, "the run ends");
        var status = (await client.GetAsync(runId, Token))!.Status;
        await other.StopAsync(Token);
        await worker.StopAsync(Token);
        return status;

        IHost Host(bool executes) => TestHost.Create(
            builder => builder.AddRedis(redis.Endpoint)
                .ConfigureWorker(options => (options.LeaseDuration, options.Enabled) = (lease, executes))
                .AddAgent("waiter", agent => agent.WithTool(AIFunctionFactory.Create(WaitAsync, "wait"), static tool => tool.Risk = ToolRisk.Low)),
            model);

        async Task<string> WaitAsync(CancellationToken cancellationToken)
        {
            reached.Release();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return "never";
            }
            finally
            {
                stopped.Release();
            }
        }
    }
}
