using System.Diagnostics.Metrics;
using System.Text.Json;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Tests;

public sealed class McpToolSourceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetTools_NotUsedYet_DoesNotConnect()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("ping"));
        await using var source = Source(server);

        Assert.False(source.IsConnected);
        Assert.Equal(0, server.Lists);

        Assert.Equal("ping", Assert.Single(await source.GetToolsAsync(Token)).Name);
        Assert.True(source.IsConnected);
    }

    [Fact]
    public async Task GetTools_TwentyAtOnce_ConnectAndListOnce()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("ping"));
        await using var source = Source(server);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => source.GetToolsAsync(Token).AsTask()));

        Assert.Equal(1, server.Lists);
        Assert.Single(server.SessionIds);
    }

    [Fact]
    public async Task GetTools_OneCallerCancels_TheOthersGetThem()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("ping"));
        await using var source = Source(server);
        using var cancelled = new CancellationTokenSource();

        var first = source.GetToolsAsync(cancelled.Token).AsTask();
        var second = source.GetToolsAsync(Token).AsTask();
        await cancelled.CancelAsync();

        Assert.Single(await second);
        await first.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    [Fact]
    public async Task GetTools_Allowed_LeavesOutAllOthers()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"), LocalMcpServer.Tool("b"), LocalMcpServer.Tool("c"), LocalMcpServer.Tool("d"));
        await using var source = Source(server, options =>
        {
            options.AllowedTools.Add("a");
            options.AllowedTools.Add("b");
            options.DeniedTools.Add("b");
        });

        Assert.Equal(["a"], (await source.GetToolsAsync(Token)).Select(tool => tool.Name));
    }

    [Fact]
    public async Task GetTools_NamesNoProviderTakes_AreMadePlainAndDiffer()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a.b"), LocalMcpServer.Tool("a/b"), LocalMcpServer.Tool(new string('x', 80)));
        await using var source = Source(server, options => options.ToolPrefix = "s_");

        var names = (await source.GetToolsAsync(Token)).Select(tool => tool.Name).ToList();

        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, static name => Assert.Matches("^(s_a_b_[0-9a-f]{10}|s_x{51}_[0-9a-f]{10})$", name));
    }

    [Fact]
    public async Task GetTools_Properties_SayWhereTheToolComesFrom()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("pay"));
        await using var source = Source(server, options => options.Risk = "High");

        var properties = Assert.Single(await source.GetToolsAsync(Token)).AdditionalProperties;

        Assert.Equal("local", properties[McpToolProperties.Server]);
        Assert.Equal("pay", properties[McpToolProperties.Tool]);
        Assert.Equal("High", properties[ToolProperties.Risk]);
        Assert.Equal(false, properties[ToolProperties.IsIdempotent]);
    }

    [Fact]
    public async Task GetTools_ListChangedNotification_AsksAgain()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        await using var source = Source(server);
        await source.GetToolsAsync(Token);

        server.Tools.Add(LocalMcpServer.Tool("b"));
        Assert.Single(await source.GetToolsAsync(Token));
        await server.NotifyAsync();

        // The notification travels beside the requests, so there is only asking until it has come.
        IReadOnlyList<AIFunction> tools;
        do
        {
            tools = await source.GetToolsAsync(Token);
        }
        while (tools.Count < 2);

        Assert.Equal(["a", "b"], tools.Select(tool => tool.Name));
    }

    [Fact]
    public async Task GetTools_IntervalHasPassed_AsksAgain()
    {
        var time = new FakeTimeProvider();
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        await using var source = Source(server, time: time);
        await source.GetToolsAsync(Token);
        await source.GetToolsAsync(Token);
        Assert.Equal(1, server.Lists);

        time.Advance(TimeSpan.FromMinutes(5));
        await source.GetToolsAsync(Token);

        Assert.Equal(2, server.Lists);
    }

    [Fact]
    public async Task GetTools_ServerIsDown_ReturnsThoseKnownBefore()
    {
        var time = new FakeTimeProvider();
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        await using var source = Source(server, time: time);
        await source.GetToolsAsync(Token);

        server.Status = 500;
        time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal("a", Assert.Single(await source.GetToolsAsync(Token)).Name);
    }

    [Fact]
    public async Task GetTools_ServerWasNeverReached_IsEmptyOrThrowsWhereRequired()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        server.Status = 503;
        await using var optional = Source(server);
        await using var required = Source(server, options => options.Required = true);

        Assert.Empty(await optional.GetToolsAsync(Token));
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => required.GetToolsAsync(Token).AsTask());
        Assert.Contains("'local'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetTools_MoreThanMaxTools_TakesTheFirst()
    {
        await using var server = await LocalMcpServer.StartAsync([.. Enumerable.Range(0, 20).Select(i => LocalMcpServer.Tool($"t{i:00}"))]);
        await using var source = Source(server, options => options.MaxTools = 3);

        Assert.Equal(["t00", "t01", "t02"], (await source.GetToolsAsync(Token)).Select(tool => tool.Name));
    }

    [Fact]
    public async Task Call_SessionForgotten_MakesANewOneAndCallsOnce()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("pay"));
        await using var source = Source(server);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        server.ForgetSessions();

        Assert.Equal("pay called", await tool.InvokeAsync(cancellationToken: Token));
        Assert.Equal(1, server.Calls);
        Assert.Equal(2, server.SessionIds.Count);
    }

    [Fact]
    public async Task Call_NeverAnswers_EndsAtTheTimeLimit()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("hang"));
        server.OnCall = async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return LocalMcpServer.TextResult("never");
        };
        await using var source = Source(server, options => options.CallTimeout = TimeSpan.FromMilliseconds(200));
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        var result = Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token));

        Assert.Contains("did not answer within 0.2 seconds", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_CallerCancels_Throws()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("hang"));
        using var cancelled = new CancellationTokenSource();
        server.OnCall = async (_, token) =>
        {
            await cancelled.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return LocalMcpServer.TextResult("never");
        };
        await using var source = Source(server);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tool.InvokeAsync(cancellationToken: cancelled.Token).AsTask());
    }

    [Fact]
    public async Task Call_HandlerThrows_TellsTheModelNothingOfTheServer()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("bad"));
        server.OnCall = static (_, _) => throw new InvalidOperationException("secret connection string");
        await using var source = Source(server);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        var result = Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token));

        Assert.StartsWith("Error: ", result, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ServerFails_CircuitOpensAndLetsItAlone()
    {
        await using var services = new ServiceCollection().AddAgentHosting().Services.AddLogging().BuildServiceProvider();
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("ping"));
        await using var source = Source(server, options => options.CircuitMinimumCalls = 3, services: services);
        var tool = Assert.Single(await source.GetToolsAsync(Token));
        server.Status = 500;

        var results = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            results.Add(Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token)));
        }

        Assert.Contains("fails at present", results[^1], StringComparison.Ordinal);
        Assert.True(await source.IsCircuitOpenAsync(Token));
        Assert.Single(await source.GetToolsAsync(Token));
    }

    [Theory]
    [InlineData(true, 2, "ok")]
    [InlineData(false, 1, "lost during the call")]
    public async Task Call_ConnectionBreaksDuringIt_IsMadeAgainOnlyIfIdempotent(bool isIdempotent, int calls, string expected)
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("pay"));
        server.OnCall = async (_, _) =>
        {
            if (server.Calls == 1)
            {
                server.AbortAll();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Token).WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            return LocalMcpServer.TextResult("ok");
        };
        await using var source = Source(server, options =>
        {
            options.CallTimeout = TimeSpan.FromSeconds(20);
            if (isIdempotent)
            {
                options.IdempotentTools.Add("pay");
            }
        });
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        var result = Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token));

        Assert.Contains(expected, result, StringComparison.Ordinal);
        Assert.Equal(calls, server.Calls);
    }

    [Fact]
    public async Task Call_EachOutcome_HasItsTag()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var collector = new MetricCollector<long>(services.GetRequiredService<IMeterFactory>(), "AgentHosting", "agenthosting.mcp.calls");
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        await using var source = Source(server, services: services);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        await tool.InvokeAsync(cancellationToken: Token);
        server.OnCall = static (_, _) => ValueTask.FromResult(new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "no" }] });
        await tool.InvokeAsync(cancellationToken: Token);
        server.OnCall = static (_, _) => throw new ModelContextProtocol.McpProtocolException("bad", ModelContextProtocol.McpErrorCode.InvalidParams);
        await tool.InvokeAsync(cancellationToken: Token);
        server.Status = 404;
        await tool.InvokeAsync(cancellationToken: Token);

        Assert.Equal(["ok", "tool_error", "server_error", "unavailable"], collector.GetMeasurementSnapshot().Select(measurement => (string)measurement.Tags["agenthosting.mcp.result"]!));
        Assert.All(collector.GetMeasurementSnapshot(), measurement => Assert.Equal("local", measurement.Tags["agenthosting.mcp.server"]));
    }

    [Fact]
    public async Task Call_HugeText_IsCutOffWithANote()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("huge"));
        server.OnCall = static (_, _) => ValueTask.FromResult(LocalMcpServer.TextResult(new string('x', 3_000_000)));
        await using var source = Source(server, options => options.MaxResultCharacters = 1000);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        var result = Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token));

        Assert.StartsWith(new string('x', 1000) + "\n[2,999,000 more characters were cut off.", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_Arguments_ReachTheServerAsTheyAre()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("take"));
        server.OnCall = static (request, _) => ValueTask.FromResult(LocalMcpServer.TextResult(JsonSerializer.Serialize(request.Arguments)));
        await using var source = Source(server);
        var tool = Assert.Single(await source.GetToolsAsync(Token));

        var arguments = new AIFunctionArguments
        {
            ["n"] = 1.5, ["s"] = "é", ["o"] = JsonDocument.Parse("""{"a":[1,null]}""").RootElement, ["nothing"] = null,
        };
        var result = Assert.IsType<string>(await tool.InvokeAsync(arguments, Token));

        using var seen = JsonDocument.Parse(result);
        Assert.Equal(1.5, seen.RootElement.GetProperty("n").GetDouble());
        Assert.Equal("é", seen.RootElement.GetProperty("s").GetString());
        Assert.Equal("""{"a":[1,null]}""", seen.RootElement.GetProperty("o").GetRawText());
    }

    [Fact]
    public async Task Call_AfterDispose_ThrowsNothingThatTheModelSees()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("ping"));
        var source = Source(server);
        var tool = Assert.Single(await source.GetToolsAsync(Token));
        await source.DisposeAsync();

        Assert.Contains("cannot be reached", Assert.IsType<string>(await tool.InvokeAsync(cancellationToken: Token)), StringComparison.Ordinal);
    }

    internal static McpToolSource Source(
        LocalMcpServer server, Action<McpServerOptions>? configure = null, TimeProvider? time = null, IServiceProvider? services = null)
    {
        var options = new McpServerOptions { Url = server.Url };
        configure?.Invoke(options);
        return new McpToolSource("local", options, services ?? new ServiceCollection().AddSingleton(time ?? TimeProvider.System).BuildServiceProvider());
    }
}
