using System.ClientModel;
using System.ComponentModel;
using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Tests;

public sealed class LocalModelServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponse_Text_ReachesTheSdkAndIsRecorded()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("hello there").WithUsage(10, 4, cached: 6, reasoning: 1));
        using var clients = await TestClients.StartAsync(server);

        var response = await clients.Chat.GetResponseAsync("hi", cancellationToken: Token);

        Assert.Equal("hello there", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((10, 4, 14, 6, 1), CountsOf(response.Usage!));
        await server.WaitForIdleAsync(Token);
        var request = Assert.Single(server.Requests);
        Assert.Equal(RequestOutcome.Completed, request.Outcome);
        Assert.Equal(200, request.StatusCode);
        Assert.Equal("m", request.Model);
        Assert.Equal("Bearer test", request.Authorization);
        Assert.Contains("\"hi\"", Encoding.UTF8.GetString(request.Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Requests_BeyondMaxRecordedRequests_ForgetsTheOldestAndCountsAll(int kept)
    {
        await using var server = new LocalModelServer(static request => ScriptedTurn.Text($"answer {request.CallIndex}")) { MaxRecordedRequests = kept };
        using var clients = await TestClients.StartAsync(server);

        for (var call = 0; call < 5; call++)
        {
            var response = await clients.Chat.GetResponseAsync("hi", cancellationToken: Token);
            Assert.Equal($"answer {call}", response.Text);
        }

        await server.WaitForIdleAsync(Token);
        Assert.Equal(5, server.CallCount);
        Assert.Equal(Enumerable.Range(5 - kept, kept), server.Requests.Select(static request => request.Index));
    }

    [Fact]
    public async Task GetStreamingResponse_Text_ComesInTheScriptedChunksWithUsage()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Stream("hel", "lo ", "😀 \"q\"\n").WithUsage(10, 4, cached: 6, reasoning: 1));
        using var clients = await TestClients.StartAsync(server);

        var updates = await clients.Chat.GetStreamingResponseAsync("hi", cancellationToken: Token).ToListAsync(Token);
        var response = updates.ToChatResponse();

        Assert.Equal(["hel", "lo ", "😀 \"q\"\n"], updates.Select(update => update.Text).Where(text => text.Length > 0));
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((10, 4, 14, 6, 1), CountsOf(response.Usage!));
        Assert.True(server.Requests[0].IsStreaming);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FunctionInvocation_TwoToolsAtOnce_MakesTheRoundTrip(bool streaming)
    {
        await using var server = new LocalModelServer(request => request.ToolResults.Count == 0
            ? ScriptedTurn.ToolCalls(
                new ScriptedToolCall("weather", new Dictionary<string, object?> { ["city"] = "Kraków", ["days"] = 3 }),
                new ScriptedToolCall("weather", new Dictionary<string, object?> { ["city"] = "Łódź", ["days"] = 1 }))
            : ScriptedTurn.Text(string.Join("; ", request.ToolResultTexts)));
        using var clients = await TestClients.StartAsync(server);
        using var agent = clients.Chat.AsBuilder().UseFunctionInvocation().Build();
        var tool = AIFunctionFactory.Create(([Description("Where")] string city, int days) => $"{city} {days}", "weather", "Tells the weather");
        var options = new ChatOptions { Tools = [tool], MaxOutputTokens = 50, Temperature = 0.5f, Instructions = "be brief" };

        var response = streaming
            ? await agent.GetStreamingResponseAsync("weather?", options, Token).ToChatResponseAsync(Token)
            : await agent.GetResponseAsync("weather?", options, Token);

        Assert.EndsWith("\"Kraków 3\"; \"Łódź 1\"", response.Text, StringComparison.Ordinal);
        var first = server.Requests[0].Request!;
        Assert.Equal(2, server.CallCount);
        Assert.Equal("weather?", first.LastUserText);
        Assert.Equal(ChatRole.System, first.Messages[0].Role);
        Assert.Equal(50, first.Options!.MaxOutputTokens);
        Assert.Equal(0.5f, first.Options.Temperature);
        var declared = Assert.IsAssignableFrom<AIFunctionDeclaration>(Assert.Single(first.Options.Tools!));
        Assert.Equal("Where", declared.JsonSchema.GetProperty("properties").GetProperty("city").GetProperty("description").GetString());
    }

    [Fact]
    public async Task GetResponse_Status429_ShowsStatusHeadersAndErrorBody()
    {
        await using var server = new LocalModelServer(
            ScriptedTurn.Fail(429, "slow down").WithRetryAfter(TimeSpan.FromSeconds(1.5)).WithErrorCode("rate_limit_exceeded"));
        using var clients = await TestClients.StartAsync(server);

        var exception = await Assert.ThrowsAsync<ClientResultException>(() => clients.Chat.GetResponseAsync("hi", cancellationToken: Token));

        Assert.Equal(429, exception.Status);
        Assert.Contains("slow down", exception.Message, StringComparison.Ordinal);
        var response = exception.GetRawResponse()!;
        Assert.Equal("2", Header(response.Headers, "Retry-After"));
        Assert.Equal("1500", Header(response.Headers, "retry-after-ms"));
        Assert.Equal("req_1", Header(response.Headers, "x-request-id"));
        Assert.Equal(
            """{"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}""", response.Content.ToString());
        await server.WaitForIdleAsync(Token);
        Assert.Equal(RequestOutcome.Failed, server.Requests[0].Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_ScriptExhausted_Is501AndRecorded(bool streaming)
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("only"));
        using var clients = await TestClients.StartAsync(server);
        await ScriptedChatClientTests.Collect(clients.Chat, streaming, Token);

        var exception = await Assert.ThrowsAsync<ClientResultException>(() => ScriptedChatClientTests.Collect(clients.Chat, streaming, Token));

        Assert.Equal(501, exception.Status);
        Assert.Contains("The script has 1 turn and this is call 2.", exception.Message, StringComparison.Ordinal);
        await server.WaitForIdleAsync(Token);
        Assert.IsAssignableFrom<InvalidOperationException>(server.Requests[1].Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CancelledInStall_ClosesTheServerSide(bool streaming)
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("one two three").StallAfter(1));
        using var clients = await TestClients.StartAsync(server);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = ScriptedChatClientTests.Collect(clients.Chat, streaming, cancel.Token);
        await server.WaitForRequestsAsync(1, Token);
        Assert.Equal(1, server.InFlight);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await server.WaitForIdleAsync(Token);
        await server.WaitForConnectionsClosedAsync(Token);
        Assert.Equal(RequestOutcome.Cancelled, server.Requests[0].Outcome);
    }

    [Fact]
    public async Task GetStreamingResponse_DisposedEarly_ClosesTheServerSide()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("one two three").StallAfter(1));
        using var clients = await TestClients.StartAsync(server);

        await foreach (var update in clients.Chat.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        await server.WaitForIdleAsync(Token);
        Assert.Equal(RequestOutcome.Cancelled, server.Requests[0].Outcome);
    }

    [Fact]
    public async Task Calls_64AtOnce_AllAnswerAndNoConnectionLeaks()
    {
        const int Count = 64;
        await using var server = new LocalModelServer(request => ScriptedTurn.Text($"echo {request.LastUserText}"));
        var clients = await TestClients.StartAsync(server);
        try
        {
            var texts = await Task.WhenAll(Enumerable.Range(0, Count).Select(async number => number % 2 == 0
                ? (await clients.Chat.GetResponseAsync($"{number}", cancellationToken: Token)).Text
                : (await clients.Chat.GetStreamingResponseAsync($"{number}", cancellationToken: Token).ToChatResponseAsync(Token)).Text));

            Assert.Equal(Enumerable.Range(0, Count).Select(number => $"echo {number}"), texts);
            Assert.True(server.OpenConnections > 0);
        }
        finally
        {
            clients.Dispose();
        }

        await server.WaitForIdleAsync(Token);
        await server.WaitForConnectionsClosedAsync(Token);
        Assert.Equal(Count, server.CallCount);
        Assert.All(server.Requests, request => Assert.Equal(RequestOutcome.Completed, request.Outcome));
    }

    [Fact]
    public async Task StopAndStart_SamePort_AnswersAgain()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("up")) { Repeat = true };
        using var clients = await TestClients.StartAsync(server);
        var endpoint = server.Endpoint;
        await clients.Chat.GetResponseAsync("hi", cancellationToken: Token);

        await server.StopAsync(Token);
        await Assert.ThrowsAnyAsync<ClientResultException>(() => clients.Chat.GetResponseAsync("hi", cancellationToken: Token));
        await server.StartAsync(Token);

        Assert.Equal(endpoint, server.Endpoint);
        Assert.Equal("up", (await clients.Chat.GetResponseAsync("hi", cancellationToken: Token)).Text);
    }

    [Fact]
    public async Task Stop_WithStalledRequest_ResetsItAndDoesNotHang()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("one two").StallAfter(1));
        using var clients = await TestClients.StartAsync(server);
        var call = ScriptedChatClientTests.Collect(clients.Chat, streaming: true, Token);
        await server.WaitForRequestsAsync(1, Token);

        await server.StopAsync(Token);

        Assert.NotNull(await Record.ExceptionAsync(() => call));
        Assert.Equal(RequestOutcome.Failed, server.Requests[0].Outcome);
        Assert.Equal(0, server.InFlight);
        Assert.Equal(0, server.OpenConnections);
    }

    [Fact]
    public async Task Start_UrlsInTheEnvironment_ListensOnLoopbackOnly()
    {
        const string Variable = "ASPNETCORE_URLS";
        var before = Environment.GetEnvironmentVariable(Variable);
        await using var server = new LocalModelServer(ScriptedTurn.Text("a"));
        try
        {
            Environment.SetEnvironmentVariable(Variable, "http://0.0.0.0:0");
            await server.StartAsync(Token);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }

        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == server.Port);
        Assert.Equal(IPAddress.Loopback, Assert.Single(listeners).Address);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_Reasoning_ReachesTheSdkApartFromTheText(bool streaming)
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("4").WithReasoning("2 plus 2"));
        using var clients = await TestClients.StartAsync(server);

        var response = await ScriptedChatClientTests.Collect(clients.Chat, streaming, Token);

        Assert.Equal("4", response.Text);
        Assert.Equal("2 plus 2", Assert.Single(response.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
    }

    [Fact]
    public void Endpoint_NotStarted_SaysWhatToCall()
    {
        var server = new LocalModelServer(ScriptedTurn.Text("a"));

        var exception = Assert.Throws<InvalidOperationException>(() => server.Endpoint);

        Assert.Contains("Call StartAsync first", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Twice_IsRefused()
    {
        await using var server = new LocalModelServer(ScriptedTurn.Text("a"));
        await server.StartAsync(Token);

        await Assert.ThrowsAsync<InvalidOperationException>(() => server.StartAsync(Token));
    }

    private static (long?, long?, long?, long?, long?) CountsOf(UsageDetails usage) =>
        (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount);

    private static string? Header(System.ClientModel.Primitives.PipelineResponseHeaders headers, string name) =>
        headers.TryGetValue(name, out var value) ? value : null;
}
