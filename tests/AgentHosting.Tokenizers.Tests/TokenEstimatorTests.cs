using System.Text.Json;
using AgentHosting.Pricing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Tokenizers.Tests;

/// <summary>The estimate of Core against exact counts: it must cover them for each kind of text, since it is what is reserved.</summary>
public sealed class TokenEstimatorTests(ITestOutputHelper output)
{
    private static readonly TokenizerTokenCounter Counter = new();

    public static TheoryData<string> Kinds => [.. Samples.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void CountInput_KindOfText_CoversBothEncodings(string kind)
    {
        // Several times over, so that what a message adds covers up nothing.
        var text = string.Concat(Enumerable.Repeat(Samples.All[kind] + "\n", 10));
        var estimate = TextOnly(TokenEstimator.Instance, text, null);
        var (o200k, cl100k) = (TextOnly(Counter, text, "gpt-4o"), TextOnly(Counter, text, "gpt-4"));

        output.WriteLine($"{kind,-14} estimate/o200k {(double)estimate / o200k:0.00} estimate/cl100k {(double)estimate / cl100k:0.00} output/o200k {(double)TokenEstimator.Instance.CountOutput(text) / o200k:0.00}");
        Assert.True(estimate >= o200k, $"{kind}: {estimate} estimated, {o200k} with o200k_base");
        Assert.True(estimate >= cl100k, $"{kind}: {estimate} estimated, {cl100k} with cl100k_base");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void CountOutput_KindOfText_IsWithinTheTolerance(string kind)
    {
        var text = string.Concat(Enumerable.Repeat(Samples.All[kind] + "\n", 10));

        Assert.InRange(TokenEstimator.Instance.CountOutput(text), 1, Counter.CountOutput(text) * TokenEstimator.Instance.OutputTolerance);
    }

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("gpt-4")]
    public void CountInput_ShortMessagesToolsAndSchemas_CoversThem(string model)
    {
        List<ChatMessage> messages =
        [
            new(ChatRole.System, "You are helpful."),
            new(ChatRole.User, "Hi") { AuthorName = "ann" },
            new(ChatRole.Assistant, [new FunctionCallContent("call_1", "get_weather", new Dictionary<string, object?> { ["city"] = "Rome", ["days"] = 3 })]),
            new(ChatRole.Tool, [new FunctionResultContent("call_1", "{\"celsius\":21.5}")]),
        ];
        var options = new ChatOptions
        {
            ModelId = model,
            Instructions = "Be brief.",
            Tools = [AIFunctionFactory.Create((string city, int days) => city + days, "get_weather", "The weather of a city.")],
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"string"}}}""").RootElement, "answer"),
        };

        Assert.InRange(Counter.CountInput(messages, options), 50, TokenEstimator.Instance.CountInput(messages, options));
        Assert.InRange(Counter.CountInput([], options), 20, TokenEstimator.Instance.CountInput([], options));
    }

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("gpt-4.1-mini")]
    [InlineData("gpt-4.1-nano")]
    [InlineData("gpt-5")]
    [InlineData("o3")]
    [InlineData("o4-mini")]
    public void CountInput_ImageOfUnknownSize_CoversTheLargest(string model)
    {
        List<ChatMessage> messages = [new(ChatRole.User, [new UriContent("https://example.org/a.png", "image/png")])];

        Assert.InRange(Counter.CountInput(messages, new ChatOptions { ModelId = model }), 1000, TokenEstimator.Instance.CountInput(messages, null));
    }

    [Fact]
    public void CountInput_RandomMixes_CoversBothEncodings()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var texts = Samples.All.Values.ToArray();
        for (var i = 0; i < 300; i++)
        {
            var text = string.Concat(Enumerable.Range(0, 20).Select(_ => Piece(random, texts[random.Next(texts.Length)])));
            var estimate = TokenEstimator.Instance.CountInput([new ChatMessage(ChatRole.User, text)], null);
            foreach (var model in new[] { "gpt-4o", "gpt-4" })
            {
                var exact = Counter.CountInput([new ChatMessage(ChatRole.User, text)], new ChatOptions { ModelId = model });
                Assert.True(estimate >= exact, $"Seed {seed}, {model}: {estimate} estimated, {exact} exact: {text}");
            }
        }
    }

    private static string Piece(Random random, string text)
    {
        var from = random.Next(text.Length);
        return text.Substring(from, Math.Min(text.Length - from, random.Next(20, 200)));
    }

    private static long TextOnly(ITokenCounter counter, string text, string? model)
    {
        var options = new ChatOptions { ModelId = model };
        return counter.CountInput([new ChatMessage(ChatRole.User, text)], options) - counter.CountInput([new ChatMessage(ChatRole.User, "")], options);
    }
}
