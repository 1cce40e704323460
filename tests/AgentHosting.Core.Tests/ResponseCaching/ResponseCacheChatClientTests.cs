using AgentHosting.Core.Tests.Fallbacks;
using AgentHosting.Failures;
using AgentHosting.Models;
using AgentHosting.Models.Internal;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ResponseCaching;

public sealed class ResponseCacheChatClientTests
{
    public static TheoryData<bool, bool> BothShapesTwice => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(BothShapesTwice))]
    public async Task GetResponse_SecondTime_ReplaysWithoutAsking(bool first, bool second)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("It is Paris, of course.").WithReasoning("Capital of France.").WithUsage(100, 10, cached: 5, reasoning: 3));
        using var cache = new CacheUnderTest(model);
        var context = new AgentCallContext { TenantId = "t" };

        var asked = await cache.AskAsync(first, "Capital of France?", new ChatOptions().WithAgentContext(context));
        Assert.False(context.CacheHit);
        var replayed = await cache.AskAsync(second, "Capital of France?", new ChatOptions().WithAgentContext(context));

        Assert.Equal(1, model.CallCount);
        Assert.True(context.CacheHit);
        Assert.Equal(asked.Text, replayed.Text);
        Assert.Equal(asked.ResponseId, replayed.ResponseId);
        Assert.Equal(asked.ModelId, replayed.ModelId);
        Assert.Equal(asked.CreatedAt, replayed.CreatedAt);
        Assert.Equal(ChatFinishReason.Stop, replayed.FinishReason);
        Assert.Equal(Contents(asked), Contents(replayed));
        Assert.Equal("hit", replayed.AdditionalProperties![ResponseCacheProperties.Result]);
        Assert.Equal(0, replayed.Usage!.TotalTokenCount);
        var original = Assert.IsType<UsageDetails>(replayed.AdditionalProperties[ResponseCacheProperties.OriginalUsage]);
        Assert.Equal((100, 10, 110, 5, 3), (original.InputTokenCount, original.OutputTokenCount, original.TotalTokenCount, original.CachedInputTokenCount, original.ReasoningTokenCount));
        Assert.Null(asked.AdditionalProperties?.GetValueOrDefault(ResponseCacheProperties.Result));
        Assert.Equal(110, asked.Usage!.TotalTokenCount);
        Assert.Equal(["miss", "hit"], cache.Results);
        Assert.Equal([null, "memory"], cache.Levels);
        Assert.Equal(110, cache.SavedTokens);
        Assert.Equal(0, cache.Stage.Flights.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_CallerChangesWhatItGot_NextOneGetsTheOriginal(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("one two three"));
        using var cache = new CacheUnderTest(model);
        for (var i = 0; i < 3; i++)
        {
            var response = await cache.AskAsync(streaming, "q");
            Assert.Equal("one two three", response.Text);
            ((TextContent)response.Messages[0].Contents[0]).Text = "changed";
            response.Messages[0].Role = ChatRole.Tool;
            response.Usage!.InputTokenCount = 7;
            (response.AdditionalProperties ??= [])["mine"] = 1;
        }

        Assert.Equal(1, model.CallCount);
    }

    [Fact]
    public async Task GetStreamingResponse_CallerChangesUpdates_StoredAnswerIsTheOriginal()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("one ", "two"));
        using var cache = new CacheUnderTest(model);
        await foreach (var update in cache.Stage.GetStreamingResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken))
        {
            foreach (var text in update.Contents.OfType<TextContent>())
            {
                text.Text = "changed";
            }
        }

        Assert.Equal("one two", (await cache.AskAsync(false, "q")).Text);
    }

    [Fact]
    public async Task GetStreamingResponse_Miss_PassesUpdatesThroughAsTheyAre()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("a", "b", "c"));
        using var cache = new CacheUnderTest(model);
        var direct = new List<string>();
        await foreach (var update in cache.Stage.GetStreamingResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken))
        {
            direct.Add(update.Text);
        }

        Assert.Equal(["a", "b", "c"], direct.Where(static text => text.Length > 0));
        var replayed = await cache.Stage.GetStreamingResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["abc", ""], replayed.Select(static update => update.Text));
        Assert.Equal("hit", replayed[^1].AdditionalProperties![ResponseCacheProperties.Result]);
        Assert.Equal(ChatFinishReason.Stop, replayed[0].FinishReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_OtherTenant_AsksForItself(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model);
        foreach (var tenant in new[] { "a", "b", "a" })
        {
            await cache.AskAsync(streaming, "q", new ChatOptions().WithAgentContext(new AgentCallContext { TenantId = tenant }));
        }

        Assert.Equal(2, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_UnfinishedFilteredCutOrToolCall_IsNotStored(bool streaming)
    {
        ScriptedTurn[] turns =
        [
            ScriptedTurn.Text("cut").WithFinishReason(ChatFinishReason.Length),
            ScriptedTurn.Text("bad").WithFinishReason(ChatFinishReason.ContentFilter),
            ScriptedTurn.Text("open").WithoutFinishReason(),
            ScriptedTurn.ToolCall("tool"),
            ScriptedTurn.Text(""),
            ScriptedTurn.Text("good"),
        ];
        using var model = new ScriptedChatClient(turns);
        using var cache = new CacheUnderTest(model);
        for (var i = 0; i <= turns.Length; i++)
        {
            await cache.AskAsync(streaming, "q");
        }

        Assert.Equal(turns.Length, model.CallCount);
        Assert.Equal(1, cache.Stage.Memory.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_DegradedAnswer_IsNotStored(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("sorry")) { Repeat = true };
        using var cache = new CacheUnderTest(new MarkingChatClient(model));
        await cache.AskAsync(streaming, "q");
        await cache.AskAsync(streaming, "q");

        Assert.Equal(2, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_DegradedAnswerIsShared_EveryoneSeesTheMark(bool streaming)
    {
        var time = new FakeTimeProvider();
        using var model = new ScriptedChatClient(ScriptedTurn.Text("sorry").WithDelay(TimeSpan.FromSeconds(1))) { TimeProvider = time };
        using var cache = new CacheUnderTest(new MarkingChatClient(model));
        var calls = Enumerable.Range(0, 4).Select(i => cache.AskAsync(streaming ^ (i % 2 == 1), "q")).ToList();
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.All(await Task.WhenAll(calls), static response => Assert.True(
            response.IsDegraded() || response.Messages[0].AdditionalProperties?[DegradedResponse.PropertyName] is true));
        Assert.Equal(1, model.CallCount);
        Assert.Equal(0, cache.Stage.Memory.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_ModelFails_ThrowsAndStoresNothing(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503), ScriptedTurn.Stream("a", "b").FailAfter(1, new IOException("gone")), ScriptedTurn.Text("fine"));
        using var cache = new CacheUnderTest(model);

        await Assert.ThrowsAsync<ScriptedHttpException>(() => cache.AskAsync(streaming, "q"));
        await Assert.ThrowsAsync<IOException>(() => cache.AskAsync(streaming, "q"));
        Assert.Equal("fine", (await cache.AskAsync(streaming, "q")).Text);
        Assert.Equal(0, cache.Stage.Flights.Count);
        Assert.Equal(0, model.InFlight);
    }

    [Fact]
    public async Task GetStreamingResponse_CallerStopsEarly_CancelsAndStoresNothing()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("a", "b", "c")) { Repeat = true };
        using var cache = new CacheUnderTest(model);
        await foreach (var update in cache.Stage.GetStreamingResponseAsync("q", cancellationToken: TestContext.Current.CancellationToken))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        Assert.Equal(0, model.InFlight);
        Assert.Equal(0, cache.Stage.Flights.Count);
        Assert.Equal(0, cache.Stage.Memory.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_OnlyCallerCancels_CancelsTheModel(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("never").WithDelay(TimeSpan.FromDays(1)));
        using var cache = new CacheUnderTest(model);
        using var source = new CancellationTokenSource();
        var call = cache.AskAsync(streaming, "q", cancellationToken: source.Token);
        await model.WaitForRequestsAsync(1, TestContext.Current.CancellationToken);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(0, model.InFlight);
        Assert.Equal(0, cache.Stage.Flights.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_ToolResultsOfThisTurn_AreNotCachedButEarlierOnesAre(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model);
        List<ChatMessage> history =
        [
            new(ChatRole.User, "weather?"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "weather")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", "sunny")]),
        ];
        await AskAsync(cache, streaming, history);
        await AskAsync(cache, streaming, history);
        Assert.Equal(2, model.CallCount);
        Assert.Equal(["bypass", "bypass"], cache.Results);

        history.Add(new(ChatRole.Assistant, "It is sunny."));
        history.Add(new(ChatRole.User, "Thanks. And what is 2 + 2?"));
        await AskAsync(cache, streaming, history);
        await AskAsync(cache, streaming, history);
        Assert.Equal(3, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_ToolResultsOfThisTurnInTheNameOfTheUser_AreNotCached(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model);
        List<ChatMessage> history =
        [
            new(ChatRole.User, "weather?"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "weather")]),
            new(ChatRole.User, [new FunctionResultContent("1", "sunny")]),
        ];
        await AskAsync(cache, streaming, history);
        await AskAsync(cache, streaming, history);
        Assert.Equal(2, model.CallCount);

        history.Add(new(ChatRole.Assistant, "It is sunny."));
        history.Add(new(ChatRole.User, "Thanks. And what is 2 + 2?"));
        await AskAsync(cache, streaming, history);
        await AskAsync(cache, streaming, history);
        Assert.Equal(3, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_ModePerCall_BypassesOrRefreshes(bool streaming)
    {
        using var model = new ScriptedChatClient(static request => ScriptedTurn.Text($"answer {request.CallIndex}"));
        using var cache = new CacheUnderTest(model);
        Assert.Equal("answer 0", (await cache.AskAsync(streaming, "q")).Text);
        Assert.Equal("answer 1", (await cache.AskAsync(streaming, "q", new ChatOptions().WithResponseCache(ResponseCacheMode.Bypass))).Text);
        Assert.Equal("answer 0", (await cache.AskAsync(streaming, "q")).Text);
        Assert.Equal("answer 2", (await cache.AskAsync(streaming, "q", new ChatOptions().WithResponseCache(ResponseCacheMode.Refresh))).Text);
        Assert.Equal("answer 2", (await cache.AskAsync(streaming, "q")).Text);

        Assert.All(model.Requests, static request => Assert.Null(request.Options?.AdditionalProperties));
        Assert.Equal(["miss", "bypass", "hit", "refresh", "hit"], cache.Results);
    }

    [Fact]
    public async Task GetResponse_TimeToLive_EndsTheAnswer()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model);
        await cache.AskAsync(false, "long");
        await cache.AskAsync(false, "short", new ChatOptions().WithResponseCache(timeToLive: TimeSpan.FromMinutes(1)));
        cache.Time.Advance(TimeSpan.FromMinutes(2));
        await cache.AskAsync(false, "long");
        await cache.AskAsync(false, "short");
        Assert.Equal(3, model.CallCount);
        cache.Time.Advance(TimeSpan.FromMinutes(58));
        await cache.AskAsync(false, "long");
        Assert.Equal(4, model.CallCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_TimeToLiveBeyondTheCalendar_IsKeptForTenYears(bool perCall)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model, perCall ? new ResponseCacheOptions() : new ResponseCacheOptions { TimeToLive = TimeSpan.MaxValue });
        var options = perCall ? new ChatOptions().WithResponseCache(timeToLive: TimeSpan.MaxValue) : null;
        await cache.AskAsync(false, "q", options);
        cache.Time.Advance(TimeSpan.FromDays(3649));
        await cache.AskAsync(false, "q", options);
        Assert.Equal(1, model.CallCount);
        cache.Time.Advance(TimeSpan.FromDays(1));
        await cache.AskAsync(false, "q", options);

        Assert.Equal(2, model.CallCount);
    }

    [Fact]
    public async Task GetResponse_ShouldCacheSaysNo_Bypasses()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model, new ResponseCacheOptions { ShouldCache = static (messages, _) => !messages[^1].Text.Contains("now", StringComparison.Ordinal) });
        await cache.AskAsync(false, "what time is it now?");
        await cache.AskAsync(false, "what time is it now?");
        await cache.AskAsync(false, "what is a minute?");
        await cache.AskAsync(false, "what is a minute?");

        Assert.Equal(3, model.CallCount);
    }

    [Fact]
    public async Task GetResponse_RawRepresentation_BypassesAndLogsWhy()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x")) { Repeat = true };
        using var cache = new CacheUnderTest(model);
        await cache.AskAsync(false, "q", new ChatOptions { RawRepresentationFactory = static _ => null });
        await cache.AskAsync(false, "q", new ChatOptions { ConversationId = "c" });

        Assert.Equal(["bypass", "bypass"], cache.Results);
        Assert.All(cache.Logs.GetSnapshot(), static log => Assert.Equal(1700, log.Id.Id));
        Assert.Contains("raw representation", cache.Logs.GetSnapshot()[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponse_HitInCatalogPipeline_NamesTheModelThatServed()
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("x"));
        using var cache = new CacheUnderTest(new ModelCatalogChatClient(models.Services.GetRequiredService<IModelCatalog>()));
        var context = new AgentCallContext();
        await cache.AskAsync(false, "q", new ChatOptions().WithAgentContext(context));
        var other = new AgentCallContext();
        await cache.AskAsync(true, "q", new ChatOptions().WithAgentContext(other));

        Assert.Equal(("a", true), (other.ServedByModel, other.CacheHit));
        Assert.Equal(("a", false), (context.ServedByModel, context.CacheHit));
    }

    private static async Task<ChatResponse> AskAsync(CacheUnderTest cache, bool streaming, List<ChatMessage> messages) => streaming
        ? await cache.Stage.GetStreamingResponseAsync(messages, null, TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)
        : await cache.Stage.GetResponseAsync(messages, null, TestContext.Current.CancellationToken);

    private static string[] Contents(ChatResponse response) =>
        [.. response.Messages.SelectMany(static message => message.Contents.Select(content => $"{message.Role} {content.GetType().Name} {content}"))];

    private sealed class MarkingChatClient(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            (response.AdditionalProperties ??= [])[DegradedResponse.PropertyName] = true;
            return response;
        }

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                (update.AdditionalProperties ??= [])[DegradedResponse.PropertyName] = true;
                yield return update;
            }
        }
    }
}
