using AgentHosting.Agents;
using AgentHosting.Runs;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Core.Tests.Runs;

public sealed class AgentToolSourceTests
{
    [Fact]
    public async Task Run_SourceChangesBetweenRuns_EachRunHasItsToolsOfThen()
    {
        var source = new ListToolSource("s");
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok")) { Repeat = true };
        await using var host = await StartAsync(model, source);

        await host.RunAsync("Hi");
        source.Tools.Add(AIFunctionFactory.Create(() => 1, "late"));
        await host.RunAsync("Hi");

        Assert.Equal(["own"], Offered(model, 0));
        Assert.Equal(["own", "late"], Offered(model, 1));
    }

    [Fact]
    public async Task Run_ToolIsGoneAtTheSecondAttempt_ItsCallIsReplayed()
    {
        var calls = 0;
        var source = new ListToolSource("s", AIFunctionFactory.Create(() => $"call {++calls}", "a"));
        using var model = new ScriptedChatClient(request =>
        {
            if (request.CallIndex == 1)
            {
                source.Tools.Clear();
                return ScriptedTurn.Fail(503);
            }

            return request.CallIndex == 0 ? ScriptedTurn.ToolCall("a", "{}") : ScriptedTurn.Text("Done.");
        });
        await using var host = await StartAsync(model, source);

        var run = await host.RunAsync("Go");

        Assert.Equal(("Done.", 1), (run.Result, calls));
        Assert.Equal(["call 1"], Results(model, 2));
    }

    [Fact]
    public async Task Run_GoneToolIsAskedForAgain_IsAnsweredFor()
    {
        var source = new ListToolSource("s", AIFunctionFactory.Create(() => "called", "a"));
        using var model = new ScriptedChatClient(request =>
        {
            if (request.CallIndex == 1)
            {
                source.Tools.Clear();
                return ScriptedTurn.Fail(503);
            }

            return request.CallIndex is 0 or 2 ? ScriptedTurn.ToolCall("a", "{}") : ScriptedTurn.Text("Done.");
        });
        await using var host = await StartAsync(model, source);

        await host.RunAsync("Go");

        Assert.Equal("called", Results(model, 3)[0]);
        Assert.Contains("not available", Results(model, 3)[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ToolComesAfterItsCallWasAnswered_DoesNotRun()
    {
        var calls = 0;
        var source = new ListToolSource("s");
        using var model = new ScriptedChatClient(request =>
        {
            if (request.CallIndex == 2)
            {
                source.Tools.Add(AIFunctionFactory.Create(() => ++calls, "late"));
                return ScriptedTurn.Fail(503);
            }

            return request.CallIndex switch { 0 => ScriptedTurn.ToolCall("late", "{}"), 1 => ScriptedTurn.ToolCall("own", "{}"), _ => ScriptedTurn.Text("Done.") };
        });
        await using var host = await StartAsync(model, source);

        var run = await host.RunAsync("Go");

        Assert.Equal(("Done.", 0), (run.Result, calls));
        Assert.Equal(Results(model, 2), Results(model, 3));
    }

    [Fact]
    public async Task Run_NamesThatAreShared_GetTheirSourceInFront()
    {
        var one = new ListToolSource("one", AIFunctionFactory.Create(() => "one", "search"), AIFunctionFactory.Create(() => "one", "own"), AIFunctionFactory.Create(() => "one", "rare"));
        var two = new ListToolSource("two", AIFunctionFactory.Create(() => "two", "search"));
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("two_search", "{}"), ScriptedTurn.Text("ok"));
        await using var host = await StartAsync(model, one, two);

        await host.RunAsync("Hi");

        Assert.Equal(["own", "one_search", "one_own", "one_rare", "two_search"], Offered(model, 0));
        Assert.Equal(["two"], Results(model, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_OneOfTwoSourcesIsDown_NamesOfTheOtherStay(bool isDown)
    {
        var one = isDown ? new ListToolSource("one") : new ListToolSource("one", AIFunctionFactory.Create(() => "one", "search"));
        var two = new ListToolSource("two", AIFunctionFactory.Create(() => "two", "search"));
        using var model = new ScriptedChatClient(ScriptedTurn.ToolCall("two_search", "{}"), ScriptedTurn.Text("ok"));
        await using var host = await StartAsync(model, one, two);

        await host.RunAsync("Hi");

        Assert.Contains("two_search", Offered(model, 0));
        Assert.DoesNotContain("search", Offered(model, 0));
        Assert.Equal(["two"], Results(model, 1));
    }

    [Fact]
    public async Task Run_SourceThrows_IsTriedAgainAndFailsWithItsCode()
    {
        var source = new ListToolSource("s") { Failure = new IOException("secret-internal-host") };
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        await using var host = await StartAsync(model, source);

        var run = await host.RunAsync("Hi");

        Assert.Equal((AgentRunErrorCodes.ToolsUnavailable, 3), (run.Error!.Code, source.Asked));
        Assert.DoesNotContain("secret", run.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SourceFromConfiguration_IsFound()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        await using var host = await TestHost.StartAsync(
            hosting => hosting.AddModel("mini", _ => model).AddToolSource("s", _ => new ListToolSource("s", AIFunctionFactory.Create(() => 1, "a"))),
            ("AgentHosting:Agents:faq:ToolSources:0", "s"));

        await host.RunAsync("Hi");

        Assert.Equal(["a"], Offered(model, 0));
        Assert.Equal("s", Assert.Single(host.Services.GetRequiredService<IAgentRegistry>().Find("faq")!.ToolSources).Name);
    }

    [Fact]
    public async Task Start_SourceUnknown_NamesItAndThoseThereAre()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        using var host = TestHost.Build(hosting => hosting
            .AddModel("mini", _ => model).AddToolSource("tickets", _ => new ListToolSource("tickets")).AddAgent("a", agent => agent.WithToolSource("tikets")));

        var exception = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("'tikets'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("tickets.", exception.Message, StringComparison.Ordinal);
    }

    private static Task<TestHost> StartAsync(ScriptedChatClient model, params ListToolSource[] sources) => TestHost.StartAsync(hosting =>
    {
        foreach (var source in sources)
        {
            hosting.AddToolSource(source.Name, _ => source);
        }

        hosting.AddModel("mini", _ => model).AddAgent("a", agent =>
        {
            agent.WithTool(AIFunctionFactory.Create(() => "own", "own")).Configure(options => options.RetryDelay = TimeSpan.Zero);
            foreach (var source in sources)
            {
                agent.WithToolSource(source.Name);
            }
        });
    });

    private static IEnumerable<string> Offered(ScriptedChatClient model, int call) => model.Requests[call].Options!.Tools!.Select(tool => tool.Name);

    private static List<string> Results(ScriptedChatClient model, int call) =>
        [.. model.Requests[call].Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(content => content.Result?.ToString() ?? "")];
}
