using System.Diagnostics.Metrics;
using System.Net;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Tests;

/// <summary>Servers that mean ill, or do what no client expects.</summary>
public sealed class McpHostileServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_TransportFailsWhenItIsCutOffAtTheTimeLimit_IsATimeoutAndAFailureOfTheServer()
    {
        await using var services = new ServiceCollection().AddAgentHosting().Services.AddLogging().AddMetrics().BuildServiceProvider();
        using var collector = new MetricCollector<long>(services.GetRequiredService<IMeterFactory>(), "AgentHosting", "agenthosting.mcp.calls");
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("slow"));
        await using var source = McpToolSourceTests.Source(
            server,
            options =>
            {
                options.CallTimeout = TimeSpan.FromMilliseconds(300);
                options.CircuitMinimumCalls = 2;
                options.CreateHttpHandler = static () => new FaultyHandler("tools/call", FailLateAsync);
            },
            services: services);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        var results = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            results.Add(Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token)));
        }

        Assert.Contains("did not answer within 0.3 seconds", results[0], StringComparison.Ordinal);
        Assert.Equal("timeout", collector.GetMeasurementSnapshot()[0].Tags["agenthosting.mcp.result"]);
        Assert.Contains("fails at present", results[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_TransportFailsWhenTheCallerCancels_IsACancellation()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("slow"));
        await using var source = McpToolSourceTests.Source(server, static options => options.CreateHttpHandler = static () => new FaultyHandler("tools/call", FailLateAsync));
        var tool = Assert.Single(await source.GetToolsAsync(Token));
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tool.InvokeAsync(cancellationToken: cancelled.Token).AsTask());
    }

    [Fact]
    public async Task Call_PingAfterAnErrorIsAnsweredWithNonsense_TellsTheModelNothingOfIt()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("bad"));
        server.OnCall = static (_, _) => throw new McpProtocolException("secret", (McpErrorCode)(-32001));
        await using var source = McpToolSourceTests.Source(server, static options => options.CreateHttpHandler = static () => new FaultyHandler("\"ping\"", static _ =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("nonsense", null, "application/json") })));
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        Assert.StartsWith("Error: ", Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetTools_ListChangesWhileItIsRead_IsReadAgain()
    {
        var reached = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        server.OnList = async _ =>
        {
            var tools = server.Tools.ToList();
            reached.TrySetResult();
            await go.Task;
            return new ListToolsResult { Tools = tools };
        };
        await using var source = McpToolSourceTests.Source(server);
        var reading = new List<Task<IReadOnlyList<AIFunction>>> { source.GetToolsAsync(Token).AsTask() };
        await reached.Task;

        server.Tools[0] = LocalMcpServer.Tool("a", "Changed while it was read.");
        await server.NotifyAsync();
        // The notification has its own way, so there are callers before and after it comes.
        for (var i = 0; i < 40; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, Token);
            reading.Add(source.GetToolsAsync(Token).AsTask());
        }

        go.SetResult();
        await Task.WhenAll(reading);

        Assert.StartsWith("Not available", Assert.Single(await source.GetToolsAsync(Token)).Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("send_mail", "send.mail")]
    [InlineData("send.mail", "send!mail")]
    [InlineData("send.mail", "send_mail")]
    public async Task GetTools_AnotherToolComesWithANameThatLooksTheSame_DoesNotTakeTheNameOfTheFirst(string first, string second)
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool(first));
        await using var source = McpToolSourceTests.Source(server, static options => options.RefreshInterval = TimeSpan.FromTicks(1));
        Assert.Equal("send_mail", Assert.Single(await source.GetToolsAsync(Token)).Name);

        server.Tools.Add(LocalMcpServer.Tool(second));
        var tools = await source.GetToolsAsync(Token);

        Assert.Equal(2, tools.Select(static tool => tool.Name).Distinct().Count());
        Assert.DoesNotContain(tools, tool => tool.Name == "send_mail" && (string?)tool.AdditionalProperties[McpToolProperties.Tool] == second);
    }

    [Fact]
    public async Task GetTools_LongNamesThatBeginAlike_KeepTheirNamesWhenOthersCome()
    {
        var begin = new string('x', 70);
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool(begin + "b"), LocalMcpServer.Tool(begin + "c"));
        await using var source = McpToolSourceTests.Source(server, static options => options.RefreshInterval = TimeSpan.FromTicks(1));
        var before = (await source.GetToolsAsync(Token)).ToDictionary(static tool => tool.Name, static tool => tool.AdditionalProperties[McpToolProperties.Tool]);

        server.Tools.Add(LocalMcpServer.Tool(begin + "a"));
        var after = (await source.GetToolsAsync(Token)).ToDictionary(static tool => tool.Name, static tool => tool.AdditionalProperties[McpToolProperties.Tool]);

        Assert.Equal((2, 3), (before.Count, after.Count));
        Assert.All(before, pair => Assert.Equal(pair.Value, after[pair.Key]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetTools_PagesWithoutEnd_AreReadUpToALimit(bool hasTools)
    {
        await using var server = await LocalMcpServer.StartAsync();
        server.OnList = _ => ValueTask.FromResult(new ListToolsResult
        {
            Tools = hasTools ? [.. Enumerable.Range(0, 1000).Select(i => LocalMcpServer.Tool($"t{server.Lists:000000}_{i:0000}"))] : [],
            NextCursor = $"{server.Lists}",
        });
        await using var source = McpToolSourceTests.Source(server, static options => options.ConnectTimeout = TimeSpan.FromMinutes(1));

        var tools = await source.GetToolsAsync(Token);

        Assert.Equal(hasTools ? 128 : 0, tools.Count);
        Assert.True(server.Lists <= 200, $"{server.Lists} pages were read.");
    }

    [Fact]
    public async Task GetTools_DefinitionOfAMegabyte_IsLeftOut()
    {
        await using var server = await LocalMcpServer.StartAsync(
            LocalMcpServer.Tool("fine"),
            LocalMcpServer.Tool("long", new string('x', 1_000_000)),
            LocalMcpServer.Tool("wide", schema: """{"type":"object","description":"DESCRIPTION"}""".Replace("DESCRIPTION", new string('x', 1_000_000), StringComparison.Ordinal)));
        await using var source = McpToolSourceTests.Source(server);

        Assert.Equal("fine", Assert.Single(await source.GetToolsAsync(Token)).Name);
    }

    [Fact]
    public async Task GetTools_ReadAgainWithoutAChange_AreTheSameObjects()
    {
        // What is counted of a tool (calls at once, rate, breaker) is kept by its object: a server must not start it anew with a notification.
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"), LocalMcpServer.Tool("b"));
        var risk = "Low";
        var options = () => new McpServerOptions { Url = server.Url, RefreshInterval = TimeSpan.FromTicks(1), Risk = risk };
        await using var source = new McpToolSource("local", options, null);
        var before = await source.GetToolsAsync(Token);

        server.Tools[1] = LocalMcpServer.Tool("c");
        var after = await source.GetToolsAsync(Token);
        Assert.Equal(2, server.Lists);
        Assert.Same(before[0], after[0]);

        risk = "High";
        Assert.Equal("High", (await source.GetToolsAsync(Token))[0].AdditionalProperties[ToolProperties.Risk]);
    }

    [Fact]
    public async Task Call_ListChangesDuringIt_IsAnsweredAndTheNextIsRefused()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        server.OnCall = async (_, _) =>
        {
            server.Tools[0] = LocalMcpServer.Tool("a", "Changed.");
            await server.NotifyAsync();
            return LocalMcpServer.TextResult("done");
        };
        await using var source = McpToolSourceTests.Source(server);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        Assert.Equal("done", await tool.InvokeAsync(cancellationToken: Token));
        string result;
        do
        {
            result = Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token));
        }
        while (result == "done");

        Assert.Contains("has changed", result, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> FailLateAsync(CancellationToken token)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }
        catch (OperationCanceledException exception)
        {
            throw new IOException("secret detail of the transport", exception);
        }

        throw new InvalidOperationException("It cannot come here.");
    }
}
