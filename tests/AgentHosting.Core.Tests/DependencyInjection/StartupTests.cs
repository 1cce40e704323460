using AgentHosting.Agents;
using AgentHosting.Models;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.DependencyInjection;

public sealed class StartupTests
{
    private static readonly Action<IAgentHostingBuilder> OneOfEach = hosting => hosting.AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok"))).AddAgent("a");

    [Theory]
    [InlineData("AgentHosting:Agents:a:MaxIterations", "0", "AgentHosting:Agents:a", "MaxIterations")]
    [InlineData("AgentHosting:Agents:a:MaxOutputTokens", "many", "AgentHosting:Agents:a:MaxOutputTokens", "many")]
    [InlineData("AgentHosting:Agents:a:MaxItrations", "3", "MaxItrations", "")]
    [InlineData("AgentHosting:Agents:a:ToolTimeout", "00:00:00", "AgentHosting:Agents:a:ToolTimeout", "write 00:00:30")]
    [InlineData("AgentHosting:Agents:a:RetryDelay", "00:05:00", "AgentHosting:Agents:a:MaxRetryDelay", "RetryDelay of 00:05:00")]
    [InlineData("AgentHosting:Agents:a:Model", "large", "AgentHosting:Agents:a:Model", "AddModel(\"large\"")]
    [InlineData("AgentHosting:Agents:a:Tools:0", "search", "AgentHosting:Agents:a:Tools", "AddTool")]
    [InlineData("AgentHosting:Agents:a:InstructionsFile", "none.md", "AgentHosting:Agents:a:InstructionsFile", "Correct the path")]
    [InlineData("AgentHosting:Models:mini:InputPrice", "-1", "AgentHosting:Models:mini:InputPrice", "0 or more")]
    [InlineData("AgentHosting:Models:mini:InputPrice", "1", "AgentHosting:Models:mini:OutputPrice", "both")]
    [InlineData("AgentHosting:Models:other:ContextWindow", "8000", "AgentHosting:Models:other", "AddModel(\"other\"")]
    [InlineData("AgentHosting:DefaultAgent", "b", "AgentHosting:DefaultAgent", "Use one of: a")]
    [InlineData("AgentHosting:Worker:MaxConcurrentRuns", "0", "AgentHosting:Worker", "MaxConcurrentRuns")]
    [InlineData("AgentHosting:Worker:LeaseDuration", "00:00:00.5", "AgentHosting:Worker:LeaseDuration", "00:00:01")]
    [InlineData("AgentHosting:Store:Retention", "-00:00:01", "AgentHosting:Store:Retention", "write 00:00:30")]
    [InlineData("AgentHosting:Store:MaxUnfinishedBytes", "1000", "AgentHosting:Store", "MaxUnfinishedBytes")]
    [InlineData("AgentHosting:Store:TenantWeights:acme", "0", "AgentHosting:Store:TenantWeights:acme", "Use 1 to 1000")]
    public async Task Start_WrongSetting_FailsNamingTheKeyAndTheFix(string key, string value, string named, string fix)
    {
        using var host = TestHost.Build(OneOfEach, (key, value));

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.Contains(fix, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SeveralWrongSettings_NamesThemAll()
    {
        using var host = TestHost.Build(OneOfEach, ("AgentHosting:Agents:a:MaxIterations", "0"), ("AgentHosting:Agents:a:MaxAttempts", "0"));

        var exception = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Equal(2, exception.Failures.Count());
    }

    [Fact]
    public async Task Start_NoAgent_StartsForItsPipelinesAndRefusesRuns()
    {
        var token = TestContext.Current.CancellationToken;
        using var host = TestHost.Build(static hosting => hosting.AddRetry());
        await host.StartAsync(token);
        var client = new ScriptedChatClient(ScriptedTurn.Text("Hello")).AsBuilder().UseRetry().Build(host.Services);

        Assert.Equal("Hello", (await client.GetResponseAsync("Hi", cancellationToken: token)).Text);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await host.Services.GetRequiredService<IAgentRunClient>().SubmitAsync(new AgentRunRequest { Message = "Hi", Identity = AgentIdentity.Anonymous }, token));
        Assert.Contains("AddAgent(\"name\"", refused.Message, StringComparison.Ordinal);
        await host.StopAsync(token);
    }

    [Fact]
    public async Task Start_NoModel_SaysWhatToCall()
    {
        using var host = TestHost.Build(hosting => hosting.AddAgent("a"));

        var exception = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("AddModel(", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AgentFromConfigurationAlone_Works()
    {
        await using var host = await TestHost.StartAsync(
            hosting => hosting
                .AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok")))
                .AddTool(AIFunctionFactory.Create(() => "x", "search")),
            ("AgentHosting:Agents:faq:Instructions", "Answer."),
            ("AgentHosting:Agents:faq:Tools:0", "search"));

        var agent = host.Services.GetRequiredService<IAgentRegistry>().Find("faq")!;

        Assert.Equal("Answer.", agent.Instructions);
        Assert.Equal("search", Assert.Single(agent.Tools).Name);
        Assert.Equal("ok", (await host.RunAsync("Hi")).Result);
    }

    [Fact]
    public async Task Start_ConfigurationAndCode_ConfigurationWins()
    {
        await using var host = await TestHost.StartAsync(
            hosting => hosting
                .AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok")), options => { options.InputPrice = 1; options.OutputPrice = 2; })
                .AddAgent("a", agent => agent.Configure(options => options.MaxIterations = 7)),
            ("AgentHosting:Models:mini:OutputPrice", "3"),
            ("AgentHosting:Agents:a:MaxIterations", "9"));

        Assert.Equal(9, host.Services.GetRequiredService<IAgentRegistry>().Find("a")!.Options.MaxIterations);
        var price = host.Services.GetRequiredService<IModelCatalog>().Find("mini")!.Price!;
        Assert.Equal((1m, 3m), (price.Input, price.Output));
    }

    [Fact]
    public async Task Start_TwoToolsOfOneName_NamesThem()
    {
        using var host = TestHost.Build(hosting => hosting
            .AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok")))
            .AddAgent("a", agent => agent
                .WithTool(AIFunctionFactory.Create(() => 1, "same"))
                .WithTool(AIFunctionFactory.Create(() => 2, "same"))));

        var exception = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("'same'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddModel_NameTaken_ThrowsNamingIt()
    {
        var hosting = new ServiceCollection().AddAgentHosting().AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok")));

        var exception = Assert.Throws<ArgumentException>(() => hosting.AddModel("mini", _ => new ScriptedChatClient(ScriptedTurn.Text("ok"))));

        Assert.Contains("'mini'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddAgentHosting_Twice_RegistersOnce()
    {
        var services = new ServiceCollection();
        services.AddAgentHosting();
        var count = services.Count;

        services.AddAgentHosting();

        Assert.Equal(count, services.Count);
    }
}
