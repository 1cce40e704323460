using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using AgentHosting.Pricing;
using AgentHosting.Testing;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Tokenizers.Tests;

public sealed class TokenizerTokenCounterTests
{
    private static readonly TokenizerTokenCounter Counter = new();

    // The examples of OpenAI's cookbook, with what its API counted.
    private static readonly ChatMessage[] Jargon =
    [
        new(ChatRole.System, "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
        new(ChatRole.System, "New synergies will help drive top-line growth.") { AuthorName = "example_user" },
        new(ChatRole.System, "Things working well together will increase revenue.") { AuthorName = "example_assistant" },
        new(ChatRole.System, "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.") { AuthorName = "example_user" },
        new(ChatRole.System, "Let's talk later when we're less busy about how to do better.") { AuthorName = "example_assistant" },
        new(ChatRole.User, "This late pivot means we don't have time to boil the ocean for the client deliverable."),
    ];

    private static readonly ChatMessage[] Weather =
    [
        new(ChatRole.System, "You are a helpful assistant that can answer to questions about the weather."),
        new(ChatRole.User, "What's the weather like in San Francisco?"),
    ];

    private static readonly AITool WeatherTool = AIFunctionFactory.CreateDeclaration(
        "get_current_weather",
        "Get the current weather in a given location",
        JsonDocument.Parse("""
            {"type":"object","properties":{
              "location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},
              "unit":{"type":"string","description":"The unit of temperature to return","enum":["celsius","fahrenheit"]}},
             "required":["location"]}
            """).RootElement);

    [Theory]
    [InlineData("gpt-4-0613", 129)]
    [InlineData("gpt-3.5-turbo-0125", 129)]
    [InlineData("gpt-4o-2024-08-06", 124)]
    [InlineData("openai/gpt-4o-mini", 124)]
    public void CountInput_MessagesOfTheCookbook_AreAsItsApiCounted(string model, long expected) =>
        Assert.Equal(expected, Counter.CountInput(Jargon, new ChatOptions { ModelId = model }));

    [Theory]
    [InlineData("gpt-4", 105)]
    [InlineData("gpt-4o", 101)]
    public void CountInput_ToolsOfTheCookbook_AreAsItsApiCounted(string model, long expected) =>
        Assert.Equal(expected, Counter.CountInput(Weather, new ChatOptions { ModelId = model, Tools = [WeatherTool] }));

    [Fact]
    public void CountInput_NestedSchema_CountsAllOfIt()
    {
        var nested = AIFunctionFactory.CreateDeclaration("f", "d", JsonDocument.Parse(
            """{"type":"object","properties":{"list":{"type":"array","items":{"type":"object","properties":{"street":{"type":"string","description":"A long explanation of what a street is"}}}}},"$defs":{"x":{"type":"string","description":"Another explanation"}}}""").RootElement);

        var tokens = Counter.CountInput([], new ChatOptions { ModelId = "gpt-4o", Tools = [nested] });

        Assert.InRange(tokens, 60, 120);
    }

    [Theory]
    [InlineData("claude-sonnet-4-5", 1.5)]
    [InlineData("gemini-2.5-pro", 1.5)]
    [InlineData("my-deployment", 1)]
    [InlineData("ft:gpt-4o:team::x", 1)]
    [InlineData("us.openai.gpt-oss-120b", 1)]
    public void CountInput_ModelByName_TakesItsEncoding(string model, double factor)
    {
        var counter = new TokenizerTokenCounter(new TokenizerOptions { Encodings = { ["My-Deployment"] = TokenEncoding.O200kBase } });

        Assert.Equal((long)Math.Ceiling(124 * factor), counter.CountInput(Jargon, new ChatOptions { ModelId = model }));
    }

    [Theory]
    [InlineData(1024, 1024, null, "gpt-4o", 765)]
    [InlineData(2048, 4096, null, "gpt-4o", 1105)]
    [InlineData(4096, 8192, "low", "gpt-4o", 85)]
    [InlineData(100, 100, null, "gpt-4o", 255)]
    [InlineData(1024, 1024, null, "gpt-5", 630)]
    [InlineData(1024, 1024, null, "gpt-4.1-mini", 1659)]
    [InlineData(1024, 1024, null, "gpt-4o-mini", 25501)]
    public void CountInput_Image_IsCountedByItsSizeAndDetail(int width, int height, string? detail, string model, long expected)
    {
        foreach (var bytes in new[] { Png(width, height), Jpeg(width, height), Gif(width, height) })
        {
            var image = new DataContent(bytes, "image/png");
            if (detail is not null)
            {
                image.AdditionalProperties = new() { ["detail"] = detail };
            }

            var options = new ChatOptions { ModelId = model };
            Assert.Equal(expected, Counter.CountInput([new ChatMessage(ChatRole.User, [image])], options) - Counter.CountInput([new ChatMessage(ChatRole.User, "")], options));
        }
    }

    [Fact]
    public void CountInput_BrokenImage_CountsAsTheLargest()
    {
        var options = new ChatOptions { ModelId = "gpt-4o" };
        foreach (var bytes in new byte[][] { [1], [0xFF, 0xD8, 0xFF, 0xC0, 0, 1], [0x89, 0x50], [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 1, 2, 3, 4, 5] })
        {
            Assert.Equal(1445 + 3 + 3 + 1, Counter.CountInput([new ChatMessage(ChatRole.User, [new DataContent(bytes, "image/png")])], options));
        }
    }

    [Theory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('=')]
    [InlineData('龘')]
    public void CountInput_LongRunOfOneLetter_TakesNoQuadraticTime(char letter)
    {
        var watch = Stopwatch.StartNew();

        Counter.CountInput([new ChatMessage(ChatRole.User, new string(letter, 200_000))], null);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    [Theory]
    [InlineData("!\u2014")]
    [InlineData("\uD83D\uDE00!")]
    [InlineData("/\n")]
    [InlineData("a\u0301")]
    [InlineData("half of a pair")]
    public void CountInput_LongRunOfTwoKinds_TakesNoQuadraticTime(string part)
    {
        var text = part == "half of a pair" ? new string('\uDC00', 200_000) : string.Concat(Enumerable.Repeat(part, 200_000 / part.Length));
        var watch = Stopwatch.StartNew();

        Counter.CountInput([new ChatMessage(ChatRole.User, text)], null);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void CountOutput_PiecesOfAnAnswer_AddUpToAboutTheWhole()
    {
        var text = Samples.All["english"];
        var pieces = text.Chunk(20).Sum(piece => Counter.CountOutput(piece));

        Assert.InRange(pieces, Counter.CountOutput(text), Counter.CountOutput(text) * 3 / 2);
        Assert.Equal(0, Counter.CountOutput(""));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task Stream_MeteredExactly_IsCutOnlyPastTheLimit(int less, bool isCut)
    {
        var text = string.Concat(Enumerable.Repeat(Samples.All["json"] + "\n" + Samples.All["csharp"], 3));
        var limit = (int)Counter.CountOutput(text) - less;
        var updates = text.Chunk(3).Select(static piece => new ChatResponseUpdate(ChatRole.Assistant, new string(piece)));
        using var services = new ServiceCollection().AddSingleton<ITokenCounter>(Counter).BuildServiceProvider();
        using var client = new ChatClientBuilder(new PiecesChatClient([.. updates, new(ChatRole.Assistant, []) { FinishReason = ChatFinishReason.Stop }]))
            .UseTokenBudget(new TokenBudgetOptions()).Build(services);

        var response = await client
            .GetStreamingResponseAsync("hi", new ChatOptions { MaxOutputTokens = limit }, TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken);

        Assert.Equal(isCut, response.FinishReason == ChatFinishReason.Length);
    }

    [Fact]
    public void CountInput_TextAndObjects_AreCountedAsTheyAreSent()
    {
        var text = Samples.All["csv"];
        var rows = Enumerable.Range(0, 100).Select(static i => new Dictionary<string, int> { ["number"] = i }).ToArray();
        var json = JsonSerializer.Serialize(rows, AIJsonUtilities.DefaultOptions);

        Assert.Equal(Count(new TextContent(text)), Count(new DataContent(System.Text.Encoding.UTF8.GetBytes(text), "text/csv")));
        Assert.InRange(Count(new FunctionResultContent("1", rows)), Count(new TextContent(json)), Count(new TextContent(json)) + 5);

        static long Count(AIContent content) => Counter.CountInput([new ChatMessage(ChatRole.User, [content])], new ChatOptions { ModelId = "gpt-4o" });
    }

    [Fact]
    public void AddTokenizer_ModelOfTheCatalog_IsCountedByTheProvidersName()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ITokenCounter>(TokenEstimator.Instance);
        services.AddAgentHosting()
            .AddModel("old", _ => new ScriptedChatClient(ScriptedTurn.Text("ok")).AsBuilder().Use((inner, _) => new NamedChatClient(inner, "gpt-4-0613")).Build())
            .AddModel("new", _ => new NamedChatClient(new ScriptedChatClient(ScriptedTurn.Text("ok")), "gpt-4o"))
            .AddTokenizer();
        using var provider = services.BuildServiceProvider();

        var counter = Assert.Single(provider.GetServices<ITokenCounter>());

        Assert.Equal(129, counter.CountInput(Jargon, null));
        Assert.Equal(129, counter.CountInput(Jargon, new ChatOptions { ModelId = "old" }));
        Assert.Equal(124, counter.CountInput(Jargon, new ChatOptions { ModelId = "new" }));
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(11)]
    [InlineData(double.NaN)]
    public void AddTokenizer_FactorOutOfRange_SaysTheRange(double factor)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(
            () => new ServiceCollection().AddAgentHosting().AddTokenizer(options => options.OtherModelFactor = factor));

        Assert.Contains("Use a factor between 1 and 10", exception.Message, StringComparison.Ordinal);
    }

    private static byte[] Png(int width, int height)
    {
        var bytes = new byte[32];
        ((byte[])[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]).CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), height);
        return bytes;
    }

    private static byte[] Jpeg(int width, int height) =>
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 1, 0xFF, 0xC4, 0, 3, 9, 0xFF, 0xC2, 0, 11, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 0, 0];

    private static byte[] Gif(int width, int height) =>
        [.. "GIF89a"u8, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0, 0];

    private sealed class NamedChatClient(IChatClient inner, string model) : DelegatingChatClient(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("openai", null, model) : base.GetService(serviceType, serviceKey);
    }
}
