using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Testing.Tests;

public sealed class ScriptedChatClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetStreamingResponse_Text_StartsWithRoleThenWords()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("one two  three"));

        var updates = await client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToListAsync(Token);

        Assert.Empty(updates[0].Contents);
        Assert.Equal(ChatRole.Assistant, updates[0].Role);
        Assert.Equal(["one ", "two  ", "three"], updates.Skip(1).Take(3).Select(update => update.Text));
        Assert.Equal(ChatFinishReason.Stop, updates[4].FinishReason);
        Assert.IsType<UsageContent>(Assert.Single(updates[5].Contents));
        Assert.Equal(6, updates.Count);
    }

    [Fact]
    public async Task GetResponse_NoUsageGiven_EstimatesFourCharactersAToken()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("12345"));

        var response = await client.GetResponseAsync("123456789", cancellationToken: Token);

        Assert.Equal(3, response.Usage!.InputTokenCount);
        Assert.Equal(2, response.Usage.OutputTokenCount);
        Assert.Equal(5, response.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task GetResponse_ScriptExhausted_SaysHowManyTurnsAndCalls()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("only"));
        await client.GetResponseAsync("a", cancellationToken: Token);

        var exception = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => client.GetResponseAsync("b", cancellationToken: Token));

        Assert.Equal("The script has 1 turn and this is call 2. Add a turn, set Repeat = true, or use a script function.", exception.Message);
        Assert.Equal([RequestOutcome.Completed, RequestOutcome.Failed], client.Requests.Select(request => request.Outcome));
        Assert.Same(exception, client.Requests[1].Error);
    }

    [Fact]
    public async Task GetResponse_Repeat_StartsAgain()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("a"), ScriptedTurn.Text("b")) { Repeat = true };

        var texts = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            texts.Add((await client.GetResponseAsync("hi", cancellationToken: Token)).Text);
        }

        Assert.Equal(["a", "b", "a"], texts);
    }

    [Fact]
    public async Task GetResponse_ScriptFunction_SeesTheRequest()
    {
        ScriptedRequest? seen = null;
        using var client = new ScriptedChatClient(request =>
        {
            seen = request;
            return ScriptedTurn.Text($"{request.CallIndex}:{request.LastUserText}:{request.ToolResults.Count}");
        });
        var tool = AIFunctionFactory.Create(() => 1, "one");
        var messages = new ChatMessage[]
        {
            new(ChatRole.User, "old"),
            new(ChatRole.Tool, [new FunctionResultContent("c0", "earlier turn")]),
            new(ChatRole.User, "new"),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "one")]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "1")]),
        };

        var response = await client.GetResponseAsync(messages, new ChatOptions { ModelId = "x", Tools = [tool] }, Token);

        Assert.Equal("0:new:1", response.Text);
        Assert.Equal("x", response.ModelId);
        Assert.Equal("c1", Assert.Single(seen!.ToolResults).CallId);
        Assert.True(seen.OffersTool("one"));
        Assert.False(seen.OffersTool("two"));
    }

    [Fact]
    public async Task GetResponse_ScriptFunctionReturnsNull_NamesTheCall()
    {
        using var client = new ScriptedChatClient(_ => null!);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetResponseAsync("hi", cancellationToken: Token));

        Assert.StartsWith("The script returned null for call 1.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_MessagesAndOptionsChangedAfterwards_KeepsWhatWasSent()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("ok"));
        var messages = new List<ChatMessage> { new(ChatRole.User, "first") };
        var options = new ChatOptions { Temperature = 0.5f };
        await client.GetResponseAsync(messages, options, Token);

        messages[0].Contents.Clear();
        messages.Clear();
        options.Temperature = 1;

        var request = Assert.Single(client.Requests);
        Assert.Equal("first", Assert.Single(request.Messages).Text);
        Assert.Equal(0.5f, request.Options!.Temperature);
        Assert.False(request.IsStreaming);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_WithDelayAndChunkDelay_TakesTheirSumOnTheInjectedClock(bool streaming)
    {
        var clock = new FakeTimeProvider();
        var turn = ScriptedTurn.Stream("a", "b", "c").WithDelay(TimeSpan.FromSeconds(5)).WithChunkDelay(TimeSpan.FromSeconds(2));
        using var client = new ScriptedChatClient(turn) { TimeProvider = clock };

        var call = Collect(client, streaming, Token);
        foreach (var seconds in new[] { 5, 2, 2 })
        {
            clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.False(call.IsCompleted);
            clock.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Equal("abc", (await call).Text);
        Assert.Equal(TimeSpan.FromSeconds(9), client.Requests[0].EndedAt - client.Requests[0].StartedAt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CancelledDuringDelay_IsRecordedAsCancelled(bool streaming)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = new ScriptedChatClient(ScriptedTurn.Text("late").WithDelay(TimeSpan.FromHours(1))) { TimeProvider = new FakeTimeProvider() };

        var call = Collect(client, streaming, cancel.Token);
        Assert.Equal(1, client.InFlight);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(RequestOutcome.Cancelled, client.Requests[0].Outcome);
        Assert.Equal(0, client.InFlight);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CancelledInStall_EndsWithCancelled(bool streaming)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = new ScriptedChatClient(ScriptedTurn.Stream("a", "b", "c").StallAfter(2));
        var seen = new List<string>();

        var call = Collect(client, streaming, cancel.Token, seen.Add);
        Assert.False(call.IsCompleted);
        Assert.Equal(streaming ? ["", "a", "b"] : [], seen);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(RequestOutcome.Cancelled, client.Requests[0].Outcome);
    }

    [Fact]
    public async Task GetStreamingResponse_DisposedEarly_IsRecordedAsAbandoned()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("one two three"));

        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        Assert.Equal(RequestOutcome.Abandoned, client.Requests[0].Outcome);
        Assert.Equal(0, client.InFlight);
    }

    [Fact]
    public async Task GetStreamingResponse_StoppedAfterLastUpdate_IsRecordedAsCompleted()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("one"));

        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Contents.OfType<UsageContent>().Any())
            {
                break;
            }
        }

        Assert.Equal(RequestOutcome.Completed, client.Requests[0].Outcome);
    }

    [Fact]
    public void GetStreamingResponse_NeverEnumerated_IsNoCall()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("one"));

        _ = client.GetStreamingResponseAsync("hi", cancellationToken: Token);

        Assert.Equal(0, client.CallCount);
    }

    [Fact]
    public async Task GetStreamingResponse_FailAfter_DeliversChunksThenThrows()
    {
        var failure = new IOException("cable cut");
        using var client = new ScriptedChatClient(ScriptedTurn.Stream("a", "b", "c").FailAfter(2, failure));
        var seen = new List<string>();

        var thrown = await Assert.ThrowsAsync<IOException>(() => Collect(client, streaming: true, Token, seen.Add));

        Assert.Same(failure, thrown);
        Assert.Equal(["", "a", "b"], seen);
        Assert.Equal(RequestOutcome.Failed, client.Requests[0].Outcome);
    }

    [Fact]
    public async Task GetResponse_FailWithStatus_CarriesStatusHeadersAndRetryAfter()
    {
        var turn = ScriptedTurn.Fail(429, "slow down").WithRetryAfter(TimeSpan.FromSeconds(1.5)).WithHeader("X-Request-Id", "r1").WithErrorCode("rate_limit_exceeded");
        using var client = new ScriptedChatClient(turn);

        var exception = await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", cancellationToken: Token));

        Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, exception.StatusCode);
        Assert.Equal("slow down", exception.Message);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), exception.RetryAfter);
        Assert.Equal("2", exception.Headers["retry-after"]);
        Assert.Equal("1500", exception.Headers["retry-after-ms"]);
        Assert.Equal("r1", exception.Headers["x-request-id"]);
        Assert.Equal("rate_limit_exceeded", exception.ErrorCode);
    }

    [Fact]
    public async Task GetResponse_RetryAfterAsDate_IsReadWithTheInjectedClock()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var client = new ScriptedChatClient(ScriptedTurn.Fail(503).WithHeader("Retry-After", "Tue, 01 Jan 2030 00:00:30 GMT")) { TimeProvider = clock };

        var exception = await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", cancellationToken: Token));

        Assert.Equal(TimeSpan.FromSeconds(30), exception.RetryAfter);
    }

    [Fact]
    public async Task WaitForRequests_CallBegins_Completes()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = new ScriptedChatClient(ScriptedTurn.Text("a").StallAfter(0));

        var wait = client.WaitForRequestsAsync(1, Token);
        Assert.False(wait.IsCompleted);
        var call = Collect(client, streaming: true, cancel.Token);
        await wait;
        var idle = client.WaitForIdleAsync(Token);
        Assert.False(idle.IsCompleted);
        await cancel.CancelAsync();
        await idle;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public void GetService_Metadata_NamesProviderAndModel()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("a")) { ModelId = "mini", ProviderName = "acme" };

        var metadata = client.GetService<ChatClientMetadata>();

        Assert.Equal("mini", metadata!.DefaultModelId);
        Assert.Equal("acme", metadata.ProviderName);
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Null(client.GetService(typeof(ScriptedChatClient), "key"));
        Assert.False(client.IsDisposed);
    }

    [Fact]
    public async Task Calls_64AtOnce_EachTakesItsOwnTurn()
    {
        const int Count = 64;
        var turns = Enumerable.Range(0, Count).Select(number => ScriptedTurn.Text($"turn {number}")).ToArray();
        using var client = new ScriptedChatClient(turns);

        var texts = await Task.WhenAll(Enumerable.Range(0, Count).Select(number =>
            Task.Run(async () => (await Collect(client, number % 2 == 0, Token)).Text, Token)));

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"turn {number}").Order(StringComparer.Ordinal), texts.Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(0, Count), client.Requests.Select(request => request.Index));
        Assert.All(client.Requests, request => Assert.Equal(RequestOutcome.Completed, request.Outcome));
    }

    internal static async Task<ChatResponse> Collect(IChatClient client, bool streaming, CancellationToken cancellationToken, Action<string>? onUpdate = null)
    {
        if (!streaming)
        {
            return await client.GetResponseAsync("hi", cancellationToken: cancellationToken);
        }

        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: cancellationToken))
        {
            updates.Add(update);
            onUpdate?.Invoke(update.Text);
        }

        return updates.ToChatResponse();
    }
}
