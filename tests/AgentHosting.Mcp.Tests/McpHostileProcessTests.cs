using System.Diagnostics;

namespace AgentHosting.Mcp.Tests;

/// <summary>Programs that do not keep to the protocol, or do not want to end.</summary>
public sealed class McpHostileProcessTests
{
    private static readonly string Script = Path.Combine(RepositoryRoot.Path, "tests", "AgentHosting.Mcp.Tests", "hostile", "server.cjs");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_ServerWritesGarbageAndFloodsItsErrors_IsAnswered()
    {
        using var process = new ServerProcess();
        await using var source = Source("noisy", process);

        var tool = Assert.Single(await source.GetToolsAsync(Token));

        Assert.Equal("pong", await tool.InvokeAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task GetTools_ServerNeverAnswersTheHandshake_EndsItAtTheTimeLimit()
    {
        using var process = new ServerProcess();
        await using var source = Source("silent", process, options => options.ConnectTimeout = TimeSpan.FromSeconds(3));

        Assert.Empty(await source.GetToolsAsync(Token));

        await AssertGoneAsync(process, 1);
    }

    [Fact]
    public async Task Dispose_DuringTheHandshake_EndsTheProcess()
    {
        using var process = new ServerProcess();
        var source = Source("silent", process, options => options.ConnectTimeout = TimeSpan.FromMinutes(1));
        var tools = source.GetToolsAsync(Token).AsTask();
        while (process.Started.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        await source.DisposeAsync();

        Assert.Empty(await tools);
        await AssertGoneAsync(process, 1);
    }

    [Fact]
    public async Task Dispose_ServerIgnoresSignals_KillsItWithWhatItStarted()
    {
        using var process = new ServerProcess();
        await using (var source = Source("stubborn", process, options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(200)))
        {
            Assert.Single(await source.GetToolsAsync(Token));
        }

        await AssertGoneAsync(process, 2);
    }

    private static McpToolSource Source(string mode, ServerProcess process, Action<McpServerOptions>? configure = null)
    {
        var options = new McpServerOptions { Command = "node", ConnectTimeout = TimeSpan.FromMinutes(1) };
        options.Arguments.Add(Script);
        options.Arguments.Add(mode);
        options.Environment["PID_FILE"] = process.PidFile;
        configure?.Invoke(options);
        return new McpToolSource("hostile", options);
    }

    // A process that was killed is there until its parent, or whoever takes its place, has read that it ended.
    private static async Task AssertGoneAsync(ServerProcess process, int count)
    {
        var ids = process.Started;
        Assert.Equal(count, ids.Count);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        foreach (var id in ids)
        {
            try
            {
                using var one = Process.GetProcessById(id);
                await one.WaitForExitAsync(limit.Token);
            }
            catch (ArgumentException)
            {
                // It is gone.
            }
        }
    }
}
