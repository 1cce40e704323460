using System.Text.Json;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>Properties of an answer come back as they were, or the answer is not kept.</summary>
public sealed class ResponseCacheReplayTests
{
    public static TheoryData<bool, bool> BothShapesTwice => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(BothShapesTwice))]
    public async Task GetResponse_PropertiesOfEveryType_ComeBackAsTheyWere(bool first, bool second)
    {
        using var model = new FixedChatClient(static () => Answer(Properties()));
        using var cache = new CacheUnderTest(model);
        await cache.AskAsync(first, "q");
        var replayed = await cache.AskAsync(second, "q");

        Assert.Equal(1, model.Calls);
        AssertEqual(Properties(), replayed.Messages[0].Contents[0].AdditionalProperties);
        AssertEqual(Properties(), replayed.Messages[0].AdditionalProperties);
    }

    [Fact]
    public void Payload_PropertiesOfEveryType_SurviveTheRoundTrip()
    {
        var answer = CachedAnswer.TryCreate(Answer(Properties()), null)!;
        var replayed = AnswerReplay.ToResponse(AnswerFormat.Read(AnswerFormat.Write(answer, DateTimeOffset.MaxValue))!.Answer!, "hit");

        AssertEqual(Properties(), replayed.Messages[0].Contents[0].AdditionalProperties);
        AssertEqual(Properties(), replayed.Messages[0].AdditionalProperties);
        replayed.AdditionalProperties!.Remove("agenthosting.cache");
        AssertEqual(Properties(), replayed.AdditionalProperties);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_ValueThatCannotBeKept_IsAnsweredAndNotCached(bool streaming)
    {
        foreach (var value in new object[] { new Throwing("not now"), double.NaN, double.PositiveInfinity })
        {
            foreach (var place in new Func<AdditionalPropertiesDictionary, ChatResponse>[]
            {
                static properties => Answer(properties),
                static properties => new ChatResponse(new ChatMessage(
                    ChatRole.Assistant, [new TextContent("x") { Annotations = [new CitationAnnotation { Title = "t", AdditionalProperties = properties }] }])) { FinishReason = ChatFinishReason.Stop },
            })
            {
                using var model = new FixedChatClient(() => place(new() { ["p"] = value }));
                using var cache = new CacheUnderTest(model);

                Assert.Equal("x", (await cache.AskAsync(streaming, "q")).Text);
                Assert.Equal("x", (await cache.AskAsync(streaming, "q")).Text);
                Assert.Equal(2, model.Calls);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_ResultWhosePropertyThrows_BypassesTheCache(bool streaming)
    {
        using var model = new FixedChatClient(static () => Answer([]));
        using var cache = new CacheUnderTest(model);
        List<ChatMessage> messages =
        [
            new(ChatRole.Assistant, [new FunctionCallContent("1", "f")]), new(ChatRole.Tool, [new FunctionResultContent("1", new Throwing("not now"))]), new(ChatRole.User, "q"),
        ];
        var answer = streaming
            ? await cache.Stage.GetStreamingResponseAsync(messages, null, TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)
            : await cache.Stage.GetResponseAsync(messages, null, TestContext.Current.CancellationToken);

        Assert.Equal("x", answer.Text);
        Assert.Equal(["bypass"], cache.Results);
    }

    private static AdditionalPropertiesDictionary Properties()
    {
        using var json = JsonDocument.Parse("""[1, "s", true, {"a":1}, null]""");
        return new()
        {
            ["int"] = 3,
            ["long"] = 4_000_000_000L,
            ["small long"] = 3L,
            ["double"] = 0.5,
            ["whole double"] = 3.0,
            ["decimal"] = 1.10m,
            ["text"] = "t",
            ["flag"] = true,
            ["nothing"] = null,
            ["json number"] = json.RootElement[0].Clone(),
            ["json text"] = json.RootElement[1].Clone(),
            ["json flag"] = json.RootElement[2].Clone(),
            ["json object"] = json.RootElement[3].Clone(),
            ["json null"] = json.RootElement[4].Clone(),
        };
    }

    private static ChatResponse Answer(AdditionalPropertiesDictionary properties) =>
        new(new ChatMessage(ChatRole.Assistant, [new TextContent("x") { AdditionalProperties = properties }]) { MessageId = "m", AdditionalProperties = properties.Clone() })
        {
            FinishReason = ChatFinishReason.Stop,
            AdditionalProperties = properties.Clone(),
        };

    private static void AssertEqual(AdditionalPropertiesDictionary expected, AdditionalPropertiesDictionary? actual) =>
        Assert.Equal(Told(expected), Told(actual!));

    private static string[] Told(AdditionalPropertiesDictionary properties) =>
        [.. properties.Select(static pair => $"{pair.Key}: {pair.Value?.GetType().Name} {(pair.Value is JsonElement json ? JsonSerializer.Serialize(json) : FormattableString.Invariant($"{pair.Value}"))}").Order(StringComparer.Ordinal)];

    private sealed class Throwing(string why)
    {
        public string Value => throw new InvalidOperationException(why);
    }

    private sealed class FixedChatClient(Func<ChatResponse> answer) : IChatClient
    {
        public int Calls { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            return Task.FromResult(answer());
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            return answer().ToChatResponseUpdates().ToAsyncEnumerable();
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
