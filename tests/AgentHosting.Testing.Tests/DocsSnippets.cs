using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using OpenAI;

namespace AgentHosting.Testing.Tests;

/// <summary>The code that docs/testing.md shows, run as tests.</summary>
public sealed class DocsSnippets
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ScriptedTurns_AreAnsweredInOrder()
    {
        #region scripted-turns
        using var model = new ScriptedChatClient(
            ScriptedTurn.ToolCall("weather", new Dictionary<string, object?> { ["city"] = "Oslo" }),
            ScriptedTurn.Text("It rains in Oslo.").WithUsage(input: 120, output: 6));

        var agent = model.AsBuilder().UseFunctionInvocation().Build();
        var weather = AIFunctionFactory.Create((string city) => $"rain in {city}", "weather");
        var response = await agent.GetResponseAsync("Weather?", new ChatOptions { Tools = [weather] }, Token);

        Assert.Equal("It rains in Oslo.", response.Text);
        Assert.Equal(2, model.CallCount);
        Assert.IsType<FunctionResultContent>(model.Requests[1].Messages[^1].Contents[0]);
        #endregion
    }

    [Fact]
    public async Task ScriptFunction_AnswersByRule()
    {
        #region script-function
        using var model = new ScriptedChatClient(request => request switch
        {
            { ToolResultTexts: [var result, ..] } => ScriptedTurn.Text($"The tool said {result}."),
            _ when request.OffersTool("add") => ScriptedTurn.ToolCall("add", """{"a": 2, "b": 3}"""),
            _ => ScriptedTurn.Text($"You said {request.LastUserText}."),
        });
        #endregion

        var agent = model.AsBuilder().UseFunctionInvocation().Build();
        var add = AIFunctionFactory.Create((int a, int b) => a + b, "add");
        Assert.Equal("You said hi.", (await agent.GetResponseAsync("hi", cancellationToken: Token)).Text);
        Assert.Equal("The tool said 5.", (await agent.GetResponseAsync("2 + 3", new ChatOptions { Tools = [add] }, Token)).Text);
    }

    [Fact]
    public async Task FakeClock_MovesTheScript()
    {
        #region fake-clock
        var clock = new FakeTimeProvider();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("late").WithDelay(TimeSpan.FromSeconds(30))) { TimeProvider = clock };

        var call = model.GetResponseAsync("hi", cancellationToken: Token);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("late", (await call).Text);
        #endregion
    }

    [Fact]
    public async Task LocalServer_AnswersTheOfficialSdk()
    {
        #region local-server
        await using var server = new LocalModelServer(
            ScriptedTurn.Fail(429, "slow down").WithRetryAfter(TimeSpan.FromMilliseconds(20)),
            ScriptedTurn.Text("hello"));
        await server.StartAsync(Token);

        var options = new OpenAIClientOptions { Endpoint = server.Endpoint, RetryPolicy = new ClientRetryPolicy(maxRetries: 1) };
        using var client = new OpenAIClient(new ApiKeyCredential("test"), options).GetChatClient("gpt-test").AsIChatClient();
        var response = await client.GetResponseAsync("hi", cancellationToken: Token);

        Assert.Equal("hello", response.Text);
        Assert.Equal(2, server.CallCount);
        Assert.Equal("Bearer test", server.Requests[0].Authorization);
        #endregion
    }

    [Fact]
    public async Task Cancel_LeavesNothingOpen()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("one two three").StallAfter(1));
        using var clients = await TestClients.StartAsync(server);
        var client = clients.Chat;

        #region no-leak
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token).ToChatResponseAsync(cancel.Token);
        await server.WaitForRequestsAsync(1, Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await server.WaitForIdleAsync(Token);
        Assert.Equal(RequestOutcome.Cancelled, server.Requests[0].Outcome);
        #endregion
    }
}
