using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Tests;

/// <summary>One script, four ways to play it: in process and over HTTP, streamed and not. The content must be the same.</summary>
public sealed class ShapeEqualityTests
{
    public static TheoryData<string> Scripts => [.. Turns.Keys];

    private static readonly Dictionary<string, ScriptedTurn> Turns = new()
    {
        ["text"] = ScriptedTurn.Text("Hello, wörld! 😀 How are you?"),
        ["sized"] = ScriptedTurn.Text("Hello, wörld! 😀 How are you?", 2),
        ["chunks"] = ScriptedTurn.Stream("", "a", "", "b\r\n", "\u2028\"\\"),
        ["tool"] = ScriptedTurn.ToolCall("weather", new Dictionary<string, object?> { ["city"] = "Łódź", ["days"] = 3, ["deep"] = new Dictionary<string, object?> { ["x"] = true } }),
        ["fixed id"] = ScriptedTurn.ToolCall("weather", "{}", "call_0"),
        ["tools"] = ScriptedTurn.ToolCalls(new ScriptedToolCall("a"), new ScriptedToolCall("b", """{"q": [1, 2.50, null]}""")),
        ["text and tool"] = ScriptedTurn.Text("Let me look.").WithToolCall(new ScriptedToolCall("look")),
        ["usage"] = ScriptedTurn.Text("ok").WithUsage(100, 20, cached: 80, reasoning: 5),
        ["no usage"] = ScriptedTurn.Text("ok").WithoutUsage(),
        ["length"] = ScriptedTurn.Text("cut").WithFinishReason(ChatFinishReason.Length),
        ["filter"] = ScriptedTurn.Text("").WithFinishReason(ChatFinishReason.ContentFilter),
        ["model"] = ScriptedTurn.Text("ok").WithModelId("m-2026-01-01"),
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Play_InProcessAndOverHttp_GivesTheSame(string name)
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new ScriptedChatClient(_ => Turns[name]) { ModelId = "m" };
        var expected = Describe(await client.GetResponseAsync("How is the weather?", cancellationToken: token), call: 1);
        await using var server = new LocalModelServer(_ => Turns[name]);
        using var clients = await TestClients.StartAsync(server);

        Assert.Equal(expected, Describe(await client.GetStreamingResponseAsync("How is the weather?", cancellationToken: token).ToChatResponseAsync(token), call: 2));
        Assert.Equal(expected, Describe(await clients.Chat.GetResponseAsync("How is the weather?", cancellationToken: token), call: 1));
        Assert.Equal(expected, Describe(await clients.Chat.GetStreamingResponseAsync("How is the weather?", cancellationToken: token).ToChatResponseAsync(token), call: 2));
    }

    [Fact]
    public async Task Reasoning_BothShapesInProcess_IsTheSame()
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new ScriptedChatClient(ScriptedTurn.Text("4").WithReasoning("2 plus 2")) { Repeat = true };

        var whole = Describe(await client.GetResponseAsync("hi", cancellationToken: token), call: 1);
        var streamed = Describe(await client.GetStreamingResponseAsync("hi", cancellationToken: token).ToChatResponseAsync(token), call: 2);

        Assert.Equal(whole, streamed);
        Assert.Contains("reasoning:2 plus 2|text:4", whole, StringComparison.Ordinal);
    }

    /// <summary>Generated call ids carry the number of the call, which is not content.</summary>
    private static string Describe(ChatResponse response, int call)
    {
        var message = Assert.Single(response.Messages);
        var contents = message.Contents.Select(content => content switch
        {
            TextReasoningContent reasoning => $"reasoning:{reasoning.Text}",
            TextContent text => $"text:{text.Text}",
            FunctionCallContent function => $"call:{function.CallId.Replace($"call_{call}_", "call_N_", StringComparison.Ordinal)}:{function.Name}:"
                + string.Join(',', function.Arguments!.Select(pair => $"{pair.Key}={pair.Value?.GetType().Name}:{pair.Value}")),
            _ => content.GetType().Name,
        }).Where(content => content != "text:");
        var usage = response.Usage;
        var counts = usage is null
            ? "none"
            : $"{usage.InputTokenCount},{usage.OutputTokenCount},{usage.TotalTokenCount},{usage.CachedInputTokenCount ?? 0},{usage.ReasoningTokenCount ?? 0}";
        return $"{message.Role}|{response.ModelId}|{response.FinishReason}|{counts}|{response.ResponseId!.Replace($"-{call}", "-N", StringComparison.Ordinal)}|"
            + string.Join('|', contents);
    }
}
