using AgentHosting.Agents;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AgentHosting.Mcp.Tests;

public sealed class McpRegistrationTests
{
    [Fact]
    public async Task Start_ServerIsDown_StartsAndRunsWithoutItsTools()
    {
        using var model = Model();
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddMcpServer("down", options => options.Url = new Uri("http://127.0.0.1:1/mcp"))
            .AddAgent("a", agent => agent.WithToolSource("down")));

        Assert.Equal("ok", (await host.RunAsync("Hi")).Result);
        Assert.Null(model.Requests[0].Options!.Tools);
    }

    [Fact]
    public async Task Run_RequiredServerIsDown_FailsWithItsCode()
    {
        using var model = Model();
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddMcpServer("down", options => { options.Url = new Uri("http://127.0.0.1:1/mcp"); options.Required = true; })
            .AddAgent("a", agent => agent.WithToolSource("down").Configure(options => options.MaxAttempts = 1)));

        var run = await host.RunAsync("Hi");

        Assert.Equal(AgentRunErrorCodes.ToolsUnavailable, run.Error!.Code);
        Assert.Contains("'down'", run.Error.Message, StringComparison.Ordinal);
        Assert.Equal(0, model.CallCount);
    }

    [Fact]
    public async Task Run_TwoServers_TheirToolsHaveTheirNamesInFront()
    {
        await using var one = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("search"), LocalMcpServer.Tool("only"));
        await using var two = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("search"));
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("two_search", "{}"), ScriptedTurn.Text("ok"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddMcpServer("one", options => options.Url = one.Url)
            .AddMcpServer("two", options => options.Url = two.Url)
            .AddAgent("a", agent => agent.WithToolSource("one").WithToolSource("two")));

        await host.RunAsync("Hi");

        Assert.Equal(["one_only", "one_search", "two_search"], model.Requests[0].Options!.Tools!.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.Equal((0, 1), (one.Calls, two.Calls));
    }

    [Fact]
    public async Task Start_EverythingFromConfiguration_Works()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"), LocalMcpServer.Tool("b"));
        using var model = Model();
        (string, string?)[] settings =
        [
            ("AgentHosting:Mcp:Servers:local:Url", server.Url.ToString()),
            ("AgentHosting:Mcp:Servers:local:AllowedTools:0", "b"),
            ("AgentHosting:Mcp:Servers:local:CallTimeout", "00:00:05"),
            ("AgentHosting:Agents:faq:ToolSources:0", "local"),
        ];
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Item1, setting.Item2))).Build();
        await using var host = await TestHost.StartAsync(hosting => hosting.AddModel("mini", _ => model).AddMcpServers(configuration), settings);

        await host.RunAsync("Hi");

        Assert.Equal("b", Assert.Single(model.Requests[0].Options!.Tools!).Name);
    }

    [Theory]
    [InlineData("AgentHosting:Mcp:Servers:x:Uri", "http://localhost/mcp", "AgentHosting:Mcp:Servers:x")]
    [InlineData("AgentHosting:Mcp:Servers:x:Url", "ftp://localhost/mcp", "https://")]
    [InlineData("AgentHosting:Mcp:Servers:x:Url", "https://me:secret@localhost/mcp", "use Headers")]
    [InlineData("AgentHosting:Mcp:Servers:x:CallTimeout", "0", "CallTimeout")]
    [InlineData("AgentHosting:Mcp:Servers:x:Risk", "Huge", "Low, Medium, High, Critical")]
    [InlineData("AgentHosting:Mcp:Servers:x:AcceptedTools:0", "sha1:00", "sha256:")]
    [InlineData("AgentHosting:Mcp:Servers:x:MaxTools", "0", "MaxTools")]
    [InlineData("AgentHosting:Mcp:Servers:x:Command", "", "not both")]
    [InlineData("AgentHosting:Mcp:Servers:other:Command", "node", "AddMcpServer(\"other\")")]
    [InlineData("AgentHosting:Mcp:Pins", "x", "PinFile")]
    public async Task Start_WrongSetting_NamesItAndTheFix(string key, string value, string expected)
    {
        using var model = Model();
        using var host = TestHost.Build(
            hosting => hosting.AddModel("mini", _ => model).AddMcpServer("x", options => options.Url = new Uri("http://127.0.0.1:1/mcp")).AddAgent("a", agent => agent.WithToolSource("x")),
            (key, value));

        var exception = await Record.ExceptionAsync(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(expected, exception!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AddMcpServer_NameTaken_Throws() =>
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => new ServiceCollection().AddAgentHosting().AddMcpServer("x").AddMcpServer("x")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    public void AddMcpServer_NameOfNoUse_Throws(string name) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddAgentHosting().AddMcpServer(name));

    [Fact]
    public void Create_NeitherUrlNorCommand_Throws() =>
        Assert.Contains("Set Url", Assert.Throws<OptionsValidationException>(() => new McpToolSource("x", new McpServerOptions())).Message, StringComparison.Ordinal);

    [Fact]
    public async Task WithMcpServer_TwoAgentsWithOneAddress_ShareOneConnection()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => Model())
            .AddAgent("a", agent => agent.WithMcpServer(server.Url))
            .AddAgent("b", agent => agent.WithMcpServer(server.Url)));
        var registry = host.Services.GetRequiredService<IAgentRegistry>();

        Assert.Same(registry.Find("a")!.ToolSources[0], registry.Find("b")!.ToolSources[0]);
    }

    [Fact]
    public async Task WithMcpServer_TwoProgramsOfOneName_SaysWhatToDo()
    {
        using var host = TestHost.Build(hosting => hosting
            .AddModel("mini", _ => Model())
            .AddAgent("a", agent => agent.WithMcpServer("node", ["one/index.js"]))
            .AddAgent("b", agent => agent.WithMcpServer("node", ["two/index.js"])));

        var exception = await Record.ExceptionAsync(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("AddMcpServer(name", exception!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_ServerFails_IsDegradedAndNamesIt()
    {
        await using var server = await LocalMcpServer.StartAsync(LocalMcpServer.Tool("a"));
        await using var host = await TestHost.StartAsync(hosting =>
        {
            hosting.Services.AddHealthChecks();
            hosting.AddModel("mini", _ => Model()).AddMcpServer("local", options => options.Url = server.Url).AddAgent("a", agent => agent.WithToolSource("local"));
        });
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var source = host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.ToolSources[0];

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["mcp:local"].Status);
        server.Status = 500;
        await source.GetToolsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["mcp:local"].Status);
        server.Status = null;
        await source.GetToolsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["mcp:local"].Status);
    }

    private static ScriptedChatClient Model() => new(ScriptedTurn.Text("ok"));
}
