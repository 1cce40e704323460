using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Mcp.Tests;

/// <summary>The server of the protocol's authors, as it comes from npm, through the whole of a hosted run.</summary>
public sealed class EverythingServerTests(EverythingFixture everything)
{
    [Fact]
    public async Task Run_OverStdio_UsesTheToolsOfTheServer()
    {
        using var process = new ServerProcess();
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("echo", """{"message":"hello"}"""),
            ScriptedTurn.ToolCall("get-sum", """{"a":17,"b":4}"""),
            ScriptedTurn.ToolCall("get-structured-content", """{"location":"Chicago"}"""),
            ScriptedTurn.ToolCall("get-tiny-image", "{}"),
            ScriptedTurn.Text("Done."));
        await using (var host = await StdioHostAsync(model, process))
        {
            Assert.Empty(process.Started);

            var run = await host.RunAsync("Go");

            Assert.Equal((AgentRunStatus.Succeeded, "Done."), (run.Status, run.Result));
            Assert.Equal("Echo: hello", ResultsOf(model)[0]);
            Assert.Contains("21", ResultsOf(model)[1], StringComparison.Ordinal);
            Assert.Contains("temperature", ResultsOf(model)[2], StringComparison.Ordinal);
            Assert.Contains("image/png", ResultsOf(model)[3], StringComparison.Ordinal);
            Assert.True(process.IsRunning);
        }

        Assert.Single(process.Started);
        Assert.False(process.IsRunning);
    }

    [Fact]
    public async Task Run_ServerOverStdioIsKilledBetweenCalls_GoesOnWithANewOne()
    {
        using var process = new ServerProcess();
        using var model = new ScriptedChatClient(request =>
        {
            if (request.CallIndex == 1)
            {
                process.Kill();
            }

            return request.CallIndex < 2 ? ScriptedTurn.ToolCall("echo", $$"""{"message":"{{request.CallIndex}}"}""") : ScriptedTurn.Text("Done.");
        });
        await using var host = await StdioHostAsync(model, process);

        var run = await host.RunAsync("Go");

        Assert.Equal((AgentRunStatus.Succeeded, "Done."), (run.Status, run.Result));
        Assert.Equal(["Echo: 0", "Echo: 1"], ResultsOf(model));
        Assert.Equal(2, process.Started.Count);
    }

    [Fact]
    public async Task Run_ServerOverStdioIsKilledDuringACall_TellsTheModelAndGoesOn()
    {
        using var process = new ServerProcess();
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("trigger-long-running-operation", """{"duration":60,"steps":1}"""),
            ScriptedTurn.ToolCall("echo", """{"message":"again"}"""),
            ScriptedTurn.Text("Done."));
        await using var host = await StdioHostAsync(model, process);

        var running = host.RunAsync("Go");
        while (process.Started.Count == 0 || model.InFlight > 0 || host.Logs.GetSnapshot().All(record => record.Id.Name != "McpConnected"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await model.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        process.Kill();
        var run = await running;

        Assert.Equal((AgentRunStatus.Succeeded, "Done."), (run.Status, run.Result));
        Assert.Contains("lost during the call", ResultsOf(model)[0], StringComparison.Ordinal);
        Assert.Equal("Echo: again", ResultsOf(model)[1]);
        Assert.Equal(2, process.Started.Count);
    }

    [Fact]
    public async Task Run_ServerOverStdio_GetsNoVariablesOfTheHost()
    {
        const string Name = "AGENTHOSTING_MCP_TEST_SECRET";
        Environment.SetEnvironmentVariable(Name, "secret-of-the-host");
        using var process = new ServerProcess();
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("get-env", "{}"), ScriptedTurn.Text("Done."));
        await using var host = await StdioHostAsync(model, process);

        await host.RunAsync("Go");

        Assert.Contains("PID_FILE", ResultsOf(model)[0], StringComparison.Ordinal);
        Assert.Contains("PATH", ResultsOf(model)[0], StringComparison.Ordinal);
        Assert.DoesNotContain(Name, ResultsOf(model)[0], StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-host", ResultsOf(model)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ServerOverHttpIsKilledAndStartedAgain_GoesOnWithANewSession()
    {
        using var server = new EverythingHttpServer(await everything.ScriptAsync());
        await server.StartAsync();
        using var model = new ScriptedChatClient(request =>
        {
            if (request.CallIndex == 1)
            {
                server.Kill();
                server.StartAsync().GetAwaiter().GetResult();
            }

            return request.CallIndex < 2 ? ScriptedTurn.ToolCall("echo", $$"""{"message":"{{request.CallIndex}}"}""") : ScriptedTurn.Text("Done.");
        });
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithMcpServer(server.Url)));

        var run = await host.RunAsync("Go");

        Assert.Equal((AgentRunStatus.Succeeded, "Done."), (run.Status, run.Result));
        Assert.Equal(["Echo: 0", "Echo: 1"], ResultsOf(model));
    }

    [Fact]
    public async Task Run_ServerOverHttpIsDownForOneCall_TellsTheModelAndGoesOn()
    {
        using var server = new EverythingHttpServer(await everything.ScriptAsync());
        await server.StartAsync();
        using var model = new ScriptedChatClient(request =>
        {
            if (request.CallIndex == 1)
            {
                server.Kill();
            }
            else if (request.CallIndex == 2)
            {
                server.StartAsync().GetAwaiter().GetResult();
            }

            return request.CallIndex < 3 ? ScriptedTurn.ToolCall("echo", $$"""{"message":"{{request.CallIndex}}"}""") : ScriptedTurn.Text("Done.");
        });
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithMcpServer(server.Url, options => options.CircuitMinimumCalls = 100)));

        var run = await host.RunAsync("Go");

        Assert.Equal((AgentRunStatus.Succeeded, "Done."), (run.Status, run.Result));
        Assert.Equal("Echo: 0", ResultsOf(model)[0]);
        Assert.StartsWith("Error: ", ResultsOf(model)[1], StringComparison.Ordinal);
        Assert.Equal("Echo: 2", ResultsOf(model)[2]);
    }

    private async Task<TestHost> StdioHostAsync(ScriptedChatClient model, ServerProcess process)
    {
        var script = await everything.ScriptAsync();
        return await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithMcpServer(
                "node", ["--require", EverythingFixture.PidScript, script, "stdio"], options => options.Environment["PID_FILE"] = process.PidFile)));
    }

    private static List<string> ResultsOf(ScriptedChatClient model) =>
        [.. model.Requests[^1].Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>()
            .Select(content => content.Result as string ?? System.Text.Json.JsonSerializer.Serialize(content.Result, AIJsonUtilities.DefaultOptions))];
}
