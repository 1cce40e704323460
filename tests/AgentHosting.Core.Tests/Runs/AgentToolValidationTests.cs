using AgentHosting.Runs;
using AgentHosting.Testing;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.Runs;

/// <summary>How the validation of tools holds for hosted agents: over attempts, between agents, and for tools that are renamed.</summary>
public sealed class AgentToolValidationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_CallWithArgumentsThatAreNoJson_CountsTheSameWhenReplayed(bool fails)
    {
        var calls = 0;
        using var model = new ScriptedChatClient(request =>
        {
            var results = request.Messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Count();
            return fails && request.CallIndex == 1 ? ScriptedTurn.Fail(503)
                : results == 0 ? ScriptedTurn.ToolCall("t", """{"a":""", "c1")
                : results == 1 ? ScriptedTurn.ToolCall("t", "{}", "c2")
                : ScriptedTurn.Text(request.Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result!.ToString()!);
        });
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(() => ++calls, "t"), static tool => tool.MaxCallsPerRun = 1).Configure(static options => options.RetryDelay = TimeSpan.Zero)));

        var run = await host.RunAsync("Go");

        Assert.Equal(0, calls);
        Assert.Contains("no more than 1 calls", run.Result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MaxCallsPerRun_HoldsForEachRun()
    {
        var calls = 0;
        using var model = new ScriptedChatClient(request => request.Messages.Count < 8 ? ScriptedTurn.ToolCall("t", "{}") : ScriptedTurn.Text("Done."));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", agent => agent.WithTool(AIFunctionFactory.Create(() => ++calls, "t"), static tool => tool.MaxCallsPerRun = 2)));

        await host.RunAsync("Go");
        Assert.Equal(2, calls);
        await host.RunAsync("Go");
        Assert.Equal(4, calls);
    }

    [Fact]
    public async Task Run_AnotherSourceHasAToolOfTheName_RulesAndLimitsOfTheNameStillHold()
    {
        var calls = 0;
        var mine = new ListToolSource("mine", AIFunctionFactory.Create((int amount) => ++calls, "pay"), AIFunctionFactory.Create(() => ++calls, "erase"));
        var stranger = new ListToolSource("stranger", AIFunctionFactory.Create(() => ++calls, "pay"), AIFunctionFactory.Create(() => ++calls, "erase"));
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("mine_pay", """{"amount":500}"""), ScriptedTurn.ToolCall("mine_erase", "{}"), ScriptedTurn.ToolCall("stranger_erase", "{}"), ScriptedTurn.Text("Done."));
        await using var host = await TestHost.StartAsync(
            hosting => hosting.AddModel("mini", _ => model)
                .AddToolSource("mine", _ => mine).AddToolSource("stranger", _ => stranger)
                .AddAgent("a", static agent => agent.WithToolSource("mine").WithToolSource("stranger")),
            ("AgentHosting:ToolValidation:Rules:0:Tool", "pay"),
            ("AgentHosting:ToolValidation:Rules:0:Argument", "amount"),
            ("AgentHosting:ToolValidation:Rules:0:ArgumentAbove", "100"),
            ("AgentHosting:ToolValidation:Tools:erase:Risk", "Critical"));

        await host.RunAsync("Go");

        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task Run_RuleAllowsAName_AStrangersRenamedToolIsNotAllowedByIt()
    {
        var calls = 0;
        var mine = new ListToolSource("mine", AIFunctionFactory.Create(() => ++calls, "read"));
        var stranger = new ListToolSource("stranger", AIFunctionFactory.Create(() => ++calls, "read"));
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("stranger_read", "{}"), ScriptedTurn.Text("Done."));
        await using var host = await TestHost.StartAsync(
            hosting => hosting.AddModel("mini", _ => model)
                .AddToolSource("mine", _ => mine).AddToolSource("stranger", _ => stranger)
                .AddAgent("a", static agent => agent.WithToolSource("mine").WithToolSource("stranger"))
                .AddToolValidation(static options => options.UnclassifiedRisk = ToolRisk.Critical),
            ("AgentHosting:ToolValidation:Rules:0:Tool", "read"),
            ("AgentHosting:ToolValidation:Rules:0:Decision", "Run"),
            ("AgentHosting:ToolValidation:Tools:read:Risk", "Low"));

        await host.RunAsync("Go");

        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task Run_TwoAgentsWithToolsOfOneName_ShareNoResults()
    {
        using var model = new ScriptedChatClient(static request => request.ToolResults.Count > 0
            ? ScriptedTurn.Text(request.ToolResults[^1].Result!.ToString()!)
            : ScriptedTurn.ToolCall("find", "{}"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => model)
            .AddAgent("a", static agent => agent.WithTool(AIFunctionFactory.Create(static () => "of a", "find"), Cached))
            .AddAgent("b", static agent => agent.WithTool(AIFunctionFactory.Create(static () => "of b", "find"), Cached)));

        Assert.Equal("of a", (await host.RunAsync("Go", agent: "a")).Result);
        Assert.Equal("of b", (await host.RunAsync("Go", agent: "b")).Result);

        static void Cached(ToolOptions options)
        {
            options.IsIdempotent = true;
            options.IsCacheShared = true;
            options.CacheFor = TimeSpan.FromMinutes(5);
        }
    }

    [Fact]
    public async Task Start_ToolsAndRulesFromConfiguration_AreBoundAndWin()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        await using var host = await TestHost.StartAsync(
            hosting => hosting.AddModel("mini", _ => model).AddAgent("a", static agent => { }).AddToolValidation(static options =>
            {
                options.Tools["search"] = new ToolOptions { CallsPerMinute = 7, MaxConcurrency = 9 };
                options.Rules.Add(new ToolRule { Tool = "from code", Decision = ToolDecisionKind.Run });
            }),
            ("AgentHosting:ToolValidation:Tools:search:MaxConcurrency", "2"),
            ("AgentHosting:ToolValidation:Tools:search:Timeout", "00:00:03"),
            ("AgentHosting:ToolValidation:Tools:refund:Approver", "finance"),
            ("AgentHosting:ToolValidation:Rules:0:Tool", "refund*"),
            ("AgentHosting:ToolValidation:Rules:0:Decision", "Ask"),
            ("AgentHosting:ToolValidation:Rules:0:ArgumentAbove", "99.5"),
            ("AgentHosting:ToolValidation:Rules:0:Argument", "order/amount"));
        var options = host.Services.GetRequiredService<IOptionsMonitor<ToolValidationOptions>>().CurrentValue;

        Assert.Equal((7, 2, TimeSpan.FromSeconds(3)), (options.Tools["search"].CallsPerMinute, options.Tools["search"].MaxConcurrency, options.Tools["search"].Timeout));
        Assert.Equal("finance", options.Tools["refund"].Approver);
        var rule = Assert.Single(options.Rules);
        Assert.Equal(("refund*", ToolDecisionKind.Ask, 99.5m, "order/amount"), (rule.Tool, rule.Decision, rule.ArgumentAbove, rule.Argument));
    }

    [Theory]
    [InlineData("Tools:search:MaxConcurrency", "0")]
    [InlineData("Tools:search:Timeout", "-00:00:01")]
    [InlineData("Tools:search:MaxRetries", "11")]
    [InlineData("Tools:search:CacheFor", "00:00:00")]
    [InlineData("Tools:search:Approver", " ")]
    [InlineData("Tools:search:Risk", "77")]
    [InlineData("Tools:search:MaxCallsPerRun", "-1")]
    [InlineData("Tools:search:MaxResultLength", "5")]
    [InlineData("Rules:0:Decision", "9")]
    [InlineData("Rules:0:ArgumentAbove", "5")]
    [InlineData("Rules:0:ArgumentPattern", "(?=a)")]
    [InlineData("Rules:0:Argumnt", "amount")]
    [InlineData("Tools:search:Riks", "High")]
    [InlineData("HighRisk", "12")]
    [InlineData("MaxArgumentDepth", "0")]
    public async Task Start_SettingThatCannotBe_NamesItsKey(string key, string value)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        using var host = TestHost.Build(
            hosting => hosting.AddModel("mini", _ => model).AddAgent("a", static agent => { }), ($"AgentHosting:ToolValidation:{key}", value));

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(key == "Rules:0:ArgumentAbove" ? "Rules:0:Argument" : key.Split(':')[^1], exception.ToString(), StringComparison.Ordinal);
    }
}
