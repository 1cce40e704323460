using System.Text.Json;
using AgentHosting.ModelRouting;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using static AgentHosting.Core.Tests.ModelRouting.RouterFixture;

namespace AgentHosting.Core.Tests.ModelRouting;

public sealed class ComplexityRoutePolicyTests
{
    private static readonly double EasyProbability = ComplexityClassifier.Classify(Easy).Probability;

    [Fact]
    public async Task Thresholds_AreLowerBounds()
    {
        using var fixture = new RouterFixture();
        using var at = fixture.Build(options => Add(options, EasyProbability, 1));
        using var above = fixture.Build(options => Add(options, Math.BitIncrement(EasyProbability), 1));

        Assert.Equal("mid", await AskAsync(at, Easy));
        Assert.Equal("mini", await AskAsync(above, Easy));
    }

    [Fact]
    public async Task ToolErrors_ThreeOfTheLastSix_Escalate()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build();

        Assert.NotEqual("large", await AskAsync(client, Turn("ok", "Error: no", "ok", "Error: no", "ok")));
        Assert.Equal("large", await AskAsync(client, Turn("Error: no", "error: no", "ok", "Error: no")));
        Assert.NotEqual("large", await AskAsync(client, Turn("Error: a", "Error: b", "Error: c", "ok", "ok", "ok", "ok", "ok", "ok")));
    }

    [Fact]
    public async Task ToolErrors_OfAnEarlierTurn_AreForgotten()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build();
        ChatMessage[] messages = [.. Turn("Error: a", "Error: b", "Error: c"), new(ChatRole.Assistant, "I could not."), new(ChatRole.User, Easy)];

        Assert.Equal("mini", await AskAsync(client, messages));
    }

    [Fact]
    public async Task RepeatedCalls_ThreeTimesTheSame_Escalate()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build();
        var context = new AgentCallContext();
        var options = new ChatOptions().WithAgentContext(context);

        Assert.Equal("large", await AskAsync(client, Repeated(JsonSerializer.SerializeToElement("a"), "a", "a"), options));
        Assert.Equal("tool_trouble", context.RouteReason);
        Assert.NotEqual("large", await AskAsync(client, Repeated("a", "b", "a"), options));
    }

    [Fact]
    public async Task AgentSignals_RaiseTheTier()
    {
        using var fixture = new RouterFixture((_, model) => model.ContextWindow = 1000);
        using var client = fixture.Build(options => Add(options, EasyProbability + 0.002, 1));
        var tools = Enumerable.Range(0, 10).Select(number => (AITool)AIFunctionFactory.Create(() => number, $"tool{number}")).ToList();

        Assert.Equal("mini", await AskAsync(client, Easy));
        Assert.Equal("mid", await AskAsync(client, Easy, new ChatOptions { Tools = tools }));
        Assert.Equal("mid", await AskAsync(client, Easy, new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema<int>() }));
        Assert.Equal("mid", await AskAsync(client, Easy, new ChatOptions { Instructions = string.Concat(Enumerable.Repeat("word ", 700)) }));
        Assert.Equal("mid", await AskAsync(client, Turn("ok", "fine", "well")));
    }

    [Fact]
    public async Task ToolResults_InTheUsersName_AreNoTurnOfTheUser()
    {
        using var fixture = new RouterFixture();
        using var client = fixture.Build();
        ChatMessage[] messages = [new(ChatRole.User, Hard), new(ChatRole.User, [new FunctionResultContent("1", "ok")])];

        Assert.Equal("large", await AskAsync(client, messages));
    }

    [Theory]
    [InlineData("HARD", "mid", "judged_complex")]
    [InlineData("EASY.", "mini", "judged_simple")]
    public async Task Judge_NearAThreshold_Decides(string answer, string expected, string reason)
    {
        using var fixture = new RouterFixture();
        using var judge = new ScriptedChatClient(ScriptedTurn.Text(answer)) { Repeat = true };
        using var client = fixture.Build(options => Add(options, EasyProbability + 0.01, 1), judge);

        foreach (var stream in new[] { false, true })
        {
            var context = new AgentCallContext();
            Assert.Equal(expected, await AskAsync(client, Easy, new ChatOptions().WithAgentContext(context), stream));
            Assert.Equal(reason, context.RouteReason);
        }

        Assert.Equal(2, judge.CallCount);
        Assert.Equal(0, judge.Requests[0].Options!.Temperature);
    }

    [Fact]
    public async Task Judge_FarFromThresholds_IsNotAsked()
    {
        using var fixture = new RouterFixture();
        using var judge = new ScriptedChatClient(ScriptedTurn.Text("HARD")) { Repeat = true };
        using var client = fixture.Build(options => Add(options, EasyProbability + 0.1, 1), judge);

        Assert.Equal("mini", await AskAsync(client, Easy));
        Assert.Equal(0, judge.CallCount);
    }

    [Theory]
    [InlineData("maybe")]
    [InlineData("HARD or EASY")]
    public async Task Judge_WithoutVerdict_LeavesTheClassifiers(string answer)
    {
        using var fixture = new RouterFixture();
        using var judge = new ScriptedChatClient(ScriptedTurn.Text(answer));
        using var client = fixture.Build(options => Add(options, EasyProbability + 0.01, 1), judge);

        Assert.Equal("mini", await AskAsync(client, Easy));
        Assert.Contains(fixture.Logs.GetSnapshot(), record => record.Id.Name == "RouteJudgeFailed");
    }

    [Fact]
    public async Task Judge_ThatFails_LeavesTheClassifiers()
    {
        using var fixture = new RouterFixture();
        using var judge = new ScriptedChatClient(ScriptedTurn.Fail(500));
        using var client = fixture.Build(options => Add(options, EasyProbability - 0.01, 1), judge);

        Assert.Equal("mid", await AskAsync(client, Easy));
    }

    [Fact]
    public async Task Judge_ThatTakesTooLong_LeavesTheClassifiers()
    {
        using var fixture = new RouterFixture();
        using var judge = new ScriptedChatClient(ScriptedTurn.Text("HARD").WithDelay(TimeSpan.FromMinutes(1))) { TimeProvider = fixture.Clock };
        using var client = fixture.Build(options => Add(options, EasyProbability + 0.01, 1), judge);

        var asking = AskAsync(client, Easy);
        await judge.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("mini", await asking);
        Assert.Contains(fixture.Logs.GetSnapshot(), record => record.Message.Contains("it took too long", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Judge_CallbackOfItsClientThrows_LeavesTheClassifiers()
    {
        using var fixture = new RouterFixture();
        using var judge = new StubChatClient(static async token =>
        {
            using var faulty = token.Register(static () => throw new FormatException("a callback of a client"));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return new ChatResponse();
        });
        using var client = fixture.Build(options => Add(options, EasyProbability + 0.01, 1), judge);

        var asking = AskAsync(client, Easy);
        Assert.True(SpinWait.SpinUntil(() => judge.Calls == 1, TimeSpan.FromSeconds(30)));
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("mini", await asking);
    }

    [Fact]
    public async Task Judge_WhenTheCallerCancels_IsCancelled()
    {
        using var fixture = new RouterFixture();
        using var judge = new ScriptedChatClient(ScriptedTurn.Text("HARD").WithDelay(TimeSpan.FromMinutes(1))) { TimeProvider = fixture.Clock };
        using var client = fixture.Build(options => Add(options, EasyProbability + 0.01, 1), judge);
        using var cancellation = new CancellationTokenSource();

        var asking = client.GetResponseAsync(Easy, cancellationToken: cancellation.Token);
        await judge.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(0, fixture.Mini.CallCount);
    }

    [Fact]
    public async Task Judge_OfTheCatalog_IsAskedByItsName()
    {
        using var fixture = new RouterFixture { LargeTurn = () => ScriptedTurn.Text("HARD") };
        using var client = fixture.Build(options =>
        {
            Add(options, EasyProbability + 0.01, 1);
            options.JudgeModel = "large";
        });

        Assert.Equal("mid", await AskAsync(client, Easy));
        Assert.Equal(1, fixture.Large.CallCount);
    }

    private static void Add(ModelRouterOptions options, params double[] thresholds)
    {
        foreach (var threshold in thresholds)
        {
            options.Thresholds.Add(threshold);
        }
    }

    private static ChatMessage[] Turn(params string[] results) =>
    [
        new(ChatRole.User, Easy),
        .. results.SelectMany((result, i) => new ChatMessage[]
        {
            new(ChatRole.Assistant, [new FunctionCallContent($"c{i}", "look", new Dictionary<string, object?> { ["at"] = i })]),
            new(ChatRole.Tool, [new FunctionResultContent($"c{i}", result)]),
        }),
    ];

    private static ChatMessage[] Repeated(params object[] arguments) =>
    [
        new(ChatRole.User, Easy),
        .. arguments.SelectMany((argument, i) => new ChatMessage[]
        {
            new(ChatRole.Assistant, [new FunctionCallContent($"c{i}", "look", new Dictionary<string, object?> { ["at"] = argument })]),
            new(ChatRole.Tool, [new FunctionResultContent($"c{i}", "ok")]),
        }),
    ];
}
