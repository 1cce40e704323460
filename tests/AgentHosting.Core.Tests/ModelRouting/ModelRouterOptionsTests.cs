using AgentHosting.ModelRouting;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class ModelRouterOptionsTests
{
    [Fact]
    public void Defaults_AreThoseOfTheDocumentation()
    {
        var options = new ModelRouterOptions();

        Assert.Equal("complexity", options.Policy);
        Assert.Empty(options.Candidates);
        Assert.Empty(options.Thresholds);
        Assert.False(options.RouteNamedModels);
        Assert.False(options.ShadowMode);
        Assert.Equal("complexity", options.SessionPolicy);
        Assert.Equal(10_000, options.MaxSessions);
        Assert.Equal(500, options.ExpectedOutputTokens);
        Assert.Null(options.JudgeModel);
        Assert.Equal(0.02, options.JudgeMargin);
        Assert.Equal(TimeSpan.FromSeconds(2), options.JudgeTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), options.LatencyHalfLife);
        Assert.Equal(1, new ModelRouteCandidate().Weight);
    }

    [Fact]
    public void UseModelRouter_EverythingWrong_NamesEachKeyValueAndFix()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));
        var options = new ModelRouterOptions
        {
            Policy = "",
            SessionPolicy = "session-sticky",
            Candidates = { new() { Model = "a", Weight = -1 }, new() { Model = "a", Weight = double.NaN }, new() { Model = " " } },
            Thresholds = { 0.5, 0.4, 2 },
            MaxSessions = 1,
            ExpectedOutputTokens = -1,
            JudgeMargin = 2,
            JudgeTimeout = TimeSpan.Zero,
            LatencyHalfLife = TimeSpan.Zero,
        };

        var failures = Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseModelRouter(options)).Failures.ToList();

        Assert.Contains("AgentHosting:ModelRouter:Candidates:1:Model is a. Name each model once.", failures);
        Assert.Contains("AgentHosting:ModelRouter:Thresholds is 3 long. Give 2, one less than there are candidates, or none.", failures);
        Assert.Contains("AgentHosting:ModelRouter:Thresholds:1 is 0.4. Use at least the threshold before it.", failures);
        foreach (var property in (string[])["Policy", "SessionPolicy", "Candidates:0:Weight", "Candidates:1:Weight", "Candidates:2:Model", "Thresholds:2", "MaxSessions", "ExpectedOutputTokens", "JudgeMargin", "JudgeTimeout", "LatencyHalfLife"])
        {
            Assert.Contains(failures, failure => failure.StartsWith("AgentHosting:ModelRouter", StringComparison.Ordinal) && failure.Contains(property, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(-0.4)]
    [InlineData(1.4)]
    [InlineData(double.NaN)]
    [InlineData(1e300)]
    public void UseModelRouter_MarginThatIsNoShare_IsRefused(double margin)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));
        var options = new ModelRouterOptions { Candidates = { new() { Model = "a" } }, JudgeMargin = margin };

        Assert.Contains("ModelRouter:JudgeMargin", Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseModelRouter(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseModelRouter_CandidateIsNull_IsRefused()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));
        var options = new ModelRouterOptions { Candidates = { new() { Model = "a" }, null! } };

        Assert.Contains(
            "ModelRouter:Candidates:1 is not set.", Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseModelRouter(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UseModelRouter_NoCandidateOrNoWeight_SaysSo()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("hi"));

        Assert.Contains(
            "Candidates is not set. Name at least one model, the weakest first.",
            Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseModelRouter(new ModelRouterOptions())).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Give at least one a weight above 0.",
            Assert.Throws<OptionsValidationException>(
                () => model.AsBuilder().UseModelRouter(new ModelRouterOptions { Candidates = { new() { Model = "a", Weight = 0 } } })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void UseModelRouter_WithoutItsServices_NamesTheCall()
    {
        using var fixture = new RouterFixture();

        var exception = Assert.Throws<InvalidOperationException>(() => fixture.Catalog.AsBuilder().UseModelRouter().Build(fixture.Services));

        Assert.Contains("AddModelRouter(...)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_UnknownNames_SayWhatToAdd()
    {
        using var fixture = new RouterFixture();

        Assert.Contains("AddModel(\"huge\"", Assert.Throws<InvalidOperationException>(() => fixture.Build(null, null, "huge")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "AddModelRoutePolicy(\"mine\"", Assert.Throws<InvalidOperationException>(() => fixture.Build(options => options.Policy = "mine")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "AddModel(\"judge\"", Assert.Throws<InvalidOperationException>(() => fixture.Build(options => options.JudgeModel = "judge")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddModelRouter_ConfigurationWins_AndItsListsReplace()
    {
        using var fixture = new RouterFixture(
            configure: builder => builder.AddModelRouter(
                options =>
                {
                    options.Candidates.Add(new ModelRouteCandidate { Model = "mini" });
                    options.Candidates.Add(new ModelRouteCandidate { Model = "large" });
                },
                "fine"),
            settings: [("AgentHosting:ModelRouter:fine:Candidates:0:Model", "mid"), ("AgentHosting:ModelRouter:fine:Policy", "cheapest")]);
        using var client = fixture.Catalog.AsBuilder().UseModelRouter("fine").Build(fixture.Services);

        Assert.Equal("mid", await AskAsync(client, Hard));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AddModelRoutePolicy_IsAskedByItsName(bool stream)
    {
        using var fixture = new RouterFixture(configure: builder => builder.AddModelRoutePolicy("strongest", _ => new StrongestPolicy()));
        using var client = fixture.Build(options => options.Policy = "strongest");

        Assert.Equal("large", await AskAsync(client, Easy, stream: stream));
    }

    [Fact]
    public void AddModelRoutePolicy_BuiltInName_IsRefused()
    {
        var builder = new ServiceCollection().AddAgentHosting();

        Assert.Throws<ArgumentException>(() => builder.AddModelRoutePolicy("latency", _ => new StrongestPolicy()));
    }

    [Theory]
    [InlineData(null, "large")]
    [InlineData("mini", "mini")]
    public async Task Agent_ThatNamesNoModel_IsRouted(string? named, string expected)
    {
        using var mini = new ScriptedChatClient(ScriptedTurn.Text("mini"));
        using var large = new ScriptedChatClient(ScriptedTurn.Text("large"));
        await using var host = await TestHost.StartAsync(hosting => hosting
            .AddModel("mini", _ => mini)
            .AddModel("large", _ => large)
            .AddModelRouter(options =>
            {
                options.Candidates.Add(new ModelRouteCandidate { Model = "mini" });
                options.Candidates.Add(new ModelRouteCandidate { Model = "large" });
            })
            .AddAgent("a", agent => agent.Configure(options => options.Model = named).UsePipeline(pipeline => pipeline.UseModelRouter())));

        var run = await host.RunAsync(Hard);

        Assert.Equal(AgentRunStatus.Succeeded, run.Status);
        Assert.Equal(expected, run.Result);
    }

    private sealed class StrongestPolicy : IModelRoutePolicy
    {
        public async ValueTask<ModelRoute> ChooseAsync(ModelRouteContext context, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return new ModelRoute { Model = context.Targets[^1].Model, Reason = "strongest" };
        }
    }
}
