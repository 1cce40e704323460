using System.Text.Json;
using AgentHosting.Failures;
using AgentHosting.Fallbacks;
using AgentHosting.Models;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Fallbacks;

public sealed class FallbackFilterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Needs => new()
    {
        { "tools", "it does not take tools" },
        { "schema", "it does not answer in a JSON schema" },
        { "image", "it does not take images" },
        { "audio", "it does not take audio" },
        { "window", "its context window of 1000 tokens is too small for an estimated " },
    };

    [Theory]
    [MemberData(nameof(Needs))]
    public async Task Call_ModelCannotTakeTheRequest_IsPassedOver(string need, string reason)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), limits: (name, limits) => Limit(name == "b", need, limits));
        using var client = models.Build();
        var (messages, options) = Request(need);

        Assert.Equal("from c", (await client.GetResponseAsync(messages, options, Token)).Text);
        Assert.Equal("from c", (await client.GetStreamingResponseAsync(messages, options, Token).ToChatResponseAsync(Token)).Text);
        Assert.Equal("2 0 2", models.Calls);
        await client.CallAsync(streaming: true);
        Assert.Equal("3 1 2", models.Calls);
        Assert.NotEmpty(reason);
    }

    [Theory]
    [MemberData(nameof(Needs))]
    public async Task Call_NoModelCanTakeTheRequest_SaysWhyPerModel(string need, string reason)
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(503), limits: (name, limits) => Limit(true, need, limits));
        using var client = models.Build(options => options.LastResortMessage = need == "window" ? null : "Sorry.");
        var (messages, options) = Request(need);

        var exception = await Record.ExceptionAsync(() => client.GetResponseAsync(messages, options, Token));
        var streamed = await Record.ExceptionAsync(() => client.GetStreamingResponseAsync(messages, options, Token).ToChatResponseAsync(Token));

        if (need == "window")
        {
            // The model that was asked for decides for itself.
            Assert.Equal("2 0 0", models.Calls);
            Assert.IsType<ScriptedHttpException>(exception);
            Assert.IsType<ScriptedHttpException>(streamed);
            return;
        }

        Assert.Equal("0 0 0", models.Calls);
        var refusal = Assert.IsType<AgentRequestRejectedException>(exception);
        Assert.Equal(
            $"No model can take this request: 'a': {reason}; 'b': {reason}; 'c': {reason}. Add a model that can to FallbackOptions.Models, or change what the request asks for.",
            refusal.Message);
        Assert.Equal(refusal.Message, Assert.IsType<AgentRequestRejectedException>(streamed).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_ContextWindowTooSmall_OnlyALargerOneFollows(bool streaming)
    {
        using var models = new FallbackFixture(
            ScriptedTurn.Fail(413), limits: (name, limits) => limits.ContextWindow = name switch { "a" => 8_000, "b" => 8_000, _ => 32_000 });
        using var client = models.Build();

        Assert.Equal("from c", (await client.CallAsync(streaming)).Text);
        Assert.Equal("1 0 1", models.Calls);
    }

    [Fact]
    public async Task Call_ContextWindowTooSmallEverywhere_NamesTheOnesPassedOver()
    {
        using var models = new FallbackFixture(ScriptedTurn.Fail(413), c: ScriptedTurn.Fail(503), limits: (name, limits) => limits.ContextWindow = name == "b" ? 4_000 : name == "a" ? 8_000 : null);
        using var client = models.Build();

        var exception = await Assert.ThrowsAsync<AllModelsFailedException>(() => client.CallAsync(streaming: false));

        Assert.Equal("its context window of 4000 tokens is no larger than the one that was too small", exception.Skipped["b"]);
        Assert.Contains(" Not tried: 'b': its context window", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ChatFailureKind.ContextWindow, exception.Attempts[0].Failure.Kind);
    }

    [Fact]
    public void Build_UnknownModelInTheChain_NamesItAndTheOthers()
    {
        using var models = new FallbackFixture(ScriptedTurn.Text("from a"));

        var exception = Assert.Throws<InvalidOperationException>(() => models.Build(options => options.Models.Add("typo")));

        Assert.Equal("There is no model 'typo' to fall back to. Add it with AddModel(\"typo\", ...) or use one of: a, b, c.", exception.Message);
    }

    private static void Limit(bool limited, string need, ModelOptions limits)
    {
        if (!limited)
        {
            return;
        }

        limits.SupportsTools = need != "tools";
        limits.SupportsJsonSchema = need != "schema";
        limits.SupportsImages = need != "image";
        limits.SupportsAudio = need != "audio";
        limits.ContextWindow = need == "window" ? 1_000 : null;
    }

    private static (List<ChatMessage> Messages, ChatOptions Options) Request(string need) => need switch
    {
        "tools" => ([new(ChatRole.User, "hi")], new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] }),
        "schema" => ([new(ChatRole.User, "hi")], new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("{}")) }),
        "image" => ([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], new ChatOptions()),
        "audio" => ([new(ChatRole.User, [new UriContent("https://example.com/a.wav", "audio/wav")])], new ChatOptions()),
        _ => ([new(ChatRole.User, new string('x', 3_000))], new ChatOptions()),
    };
}
