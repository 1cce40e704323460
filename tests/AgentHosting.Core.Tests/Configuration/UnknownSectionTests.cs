using AgentHosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Core.Tests.Configuration;

/// <summary>What stands directly below <c>AgentHosting</c> and is read by nobody stops the start-up.</summary>
public sealed class UnknownSectionTests
{
    private static readonly Action<IAgentHostingBuilder> OneOfEach =
        static hosting => hosting.AddModel("mini", static _ => new ScriptedChatClient(ScriptedTurn.Text("ok"))).AddAgent("a");

    [Theory]
    [InlineData("AgentHosting:Retires:MaxRetries", "AgentHosting:Retires is read by nothing. Did you mean 'Retry'?")]
    [InlineData("AgentHosting:Model:mini:InputPrice", "AgentHosting:Model is read by nothing. Did you mean 'Models'?")]
    [InlineData("AgentHosting:DefaultAgnet", "AgentHosting:DefaultAgnet is read by nothing. Did you mean 'DefaultAgent'?")]
    [InlineData("AgentHosting:circuitbraker:Window", "AgentHosting:circuitbraker is read by nothing. Did you mean 'CircuitBreaker'?")]
    [InlineData("AgentHosting:Stor:Retention", "AgentHosting:Stor is read by nothing. Did you mean 'Store'?")]
    [InlineData("AgentHosting:Telemetry:Enabled", "AgentHosting:Telemetry is read by nothing. Known are:")]
    public async Task Start_UnknownSection_NamesItAndTheNearest(string key, string expected)
    {
        using var host = TestHost.Build(OneOfEach, (key, "1"));

        Assert.Contains(expected, await StartErrorAsync(host), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_UnknownSections_NamesThemAll()
    {
        using var host = TestHost.Build(OneOfEach, ("AgentHosting:Wroker:Enabled", "1"), ("AgentHosting:Agnets:a:Model", "mini"));
        var message = await StartErrorAsync(host);

        Assert.Contains("AgentHosting:Wroker ", message, StringComparison.Ordinal);
        Assert.Contains("AgentHosting:Agnets ", message, StringComparison.Ordinal);
        Assert.Contains("Known are: Agents, CircuitBreaker, DefaultAgent, Models, RateLimits, Retry, SpendAlerts, SpendLedger, Store, Timeout, ToolValidation, Worker.", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(StageOptionsTests.StagesThatAreAdded), MemberType = typeof(StageOptionsTests))]
    public async Task Start_StageThatIsNotAdded_SaysWhatToCall(string name)
    {
        using var host = TestHost.Build(OneOfEach, ($"AgentHosting:{name}:Any", "1"));
        using var misspelt = TestHost.Build(OneOfEach, ($"AgentHosting:{name}s:Any", "1"));

        Assert.Contains($"AgentHosting:{name} is read by nothing. Call AddAgentHosting().Add{name}(), or remove it.", await StartErrorAsync(host), StringComparison.Ordinal);
        Assert.Contains($"Did you mean '{name}'? That is read once Add{name}() was called.", await StartErrorAsync(misspelt), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(StageOptionsTests.Stages), MemberType = typeof(StageOptionsTests))]
    public async Task Start_StageThatIsAddedUnderANameAlone_IsKnown(string name)
    {
        var stage = StageUnderTest.All[name];
        using var host = stage.Host(["fast"], ($"agenthosting:{name.ToUpperInvariant()}:fast:{stage.Setting.Name}", "3"));

        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal("3", stage.Read(host, "fast"));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Start_SectionOfAnotherPackage_IsKnownOnceItIsDeclared()
    {
        using var host = TestHost.Build(static hosting => OneOfEach(hosting.AddConfigurationSection("Redis").AddConfigurationSection("Redis")), ("AgentHosting:redis:Prefix", "a"));
        using var wrong = TestHost.Build(static hosting => OneOfEach(hosting.AddConfigurationSection("Redis")), ("AgentHosting:Reddis:Prefix", "a"));

        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Contains("AgentHosting:Reddis is read by nothing. Did you mean 'Redis'?", await StartErrorAsync(wrong), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("Redis:Prefix")]
    public void AddConfigurationSection_UnusableName_Throws(string name)
    {
        var builder = new ServiceCollection().AddAgentHosting();

        Assert.Throws<ArgumentException>(nameof(name), () => builder.AddConfigurationSection(name));
    }

    [Fact]
    public async Task Start_SectionIsAValue_SaysSo()
    {
        using var host = TestHost.Build(OneOfEach, ("AgentHosting", "on"));

        Assert.Contains("AgentHosting is 'on', where a section with settings is expected.", await StartErrorAsync(host), StringComparison.Ordinal);
    }

    private static async Task<string> StartErrorAsync(IHost host) =>
        (await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken))).Message;
}
