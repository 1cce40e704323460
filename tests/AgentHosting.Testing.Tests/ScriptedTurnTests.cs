using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Tests;

public sealed class ScriptedTurnTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_OnSharedTurn_LeavesTheOriginalAlone()
    {
        var shared = ScriptedTurn.Text("a");
        _ = shared.WithText("b").WithUsage(1, 2).WithFinishReason(ChatFinishReason.Length).WithModelId("x").FailAfter(0, new IOException());

        using var client = new ScriptedChatClient(shared);
        var response = await client.GetResponseAsync("hi", cancellationToken: Token);

        Assert.Equal("a", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("scripted-model", response.ModelId);
    }

    [Fact]
    public async Task Text_ChunkSize_NeverSplitsASurrogatePair()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Text("ab😀cd", 3));

        var updates = await client.GetStreamingResponseAsync("hi", cancellationToken: Token).ToListAsync(Token);

        Assert.Equal(["ab😀", "cd"], updates.Select(update => update.Text).Where(text => text.Length > 0));
    }

    [Fact]
    public async Task ToolCall_Arguments_ArriveAsJsonElementsWithUniqueIds()
    {
        var arguments = new Dictionary<string, object?> { ["city"] = "Kraków", ["days"] = 3, ["none"] = null };
        using var client = new ScriptedChatClient(ScriptedTurn.ToolCall("weather", arguments)) { Repeat = true };

        var first = Assert.IsType<FunctionCallContent>(Assert.Single((await client.GetResponseAsync("hi", cancellationToken: Token)).Messages[0].Contents));
        var second = Assert.IsType<FunctionCallContent>(Assert.Single((await client.GetResponseAsync("hi", cancellationToken: Token)).Messages[0].Contents));

        Assert.Equal("Kraków", Assert.IsType<JsonElement>(first.Arguments!["city"]).GetString());
        Assert.Equal(3, Assert.IsType<JsonElement>(first.Arguments["days"]).GetInt32());
        Assert.Null(first.Arguments["none"]);
        Assert.Equal(["call_1_1", "call_2_1"], [first.CallId, second.CallId]);
        Assert.NotSame(first.Arguments, second.Arguments);
    }

    [Fact]
    public async Task ToolCall_BrokenArguments_CarriesTheParseError()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.ToolCall("weather", "{\"city\": \"Kra"));

        var call = Assert.IsType<FunctionCallContent>(Assert.Single((await client.GetResponseAsync("hi", cancellationToken: Token)).Messages[0].Contents));

        Assert.IsAssignableFrom<JsonException>(call.Exception);
        Assert.Null(call.Arguments);
    }

    [Fact]
    public void WithFault_ChunksForAFaultBeforeContent_SaysWhatToDo()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => ScriptedTurn.Fault(WireFault.ResetBeforeHeaders, 2));

        Assert.Contains("ResetBeforeHeaders happens before any content", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fail_StatusOfSuccess_IsRefused() =>
        Assert.Contains("400 to 599", Assert.Throws<ArgumentOutOfRangeException>(() => ScriptedTurn.Fail(200)).Message, StringComparison.Ordinal);

    [Fact]
    public void Constructor_NoTurns_IsRefused() => Assert.Throws<ArgumentException>(() => new ScriptedChatClient());

    [Theory]
    [InlineData(WireFault.ResetBeforeHeaders, typeof(HttpRequestException), 0)]
    [InlineData(WireFault.ResetAfterHeaders, typeof(HttpIOException), 0)]
    [InlineData(WireFault.ResetMidStream, typeof(HttpIOException), 2)]
    [InlineData(WireFault.GarbageBody, typeof(JsonException), 0)]
    [InlineData(WireFault.GarbageChunk, typeof(JsonException), 2)]
    public async Task Fault_InProcess_ThrowsWhatAClientWouldSee(WireFault fault, Type expected, int chunks)
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Fault(fault, chunks)) { Repeat = true };
        var seen = new List<string>();

        var streamed = await Record.ExceptionAsync(() => ScriptedChatClientTests.Collect(client, streaming: true, Token, seen.Add));
        var whole = await Record.ExceptionAsync(() => ScriptedChatClientTests.Collect(client, streaming: false, Token));

        Assert.Equal(expected, streamed?.GetType());
        Assert.Equal(expected, whole?.GetType());
        Assert.Equal(chunks, seen.Count(text => text.Length > 0));
    }

    [Fact]
    public async Task Fault_TruncatedStreamInProcess_EndsWithoutFinishReasonOrUsage()
    {
        using var client = new ScriptedChatClient(ScriptedTurn.Fault(WireFault.TruncatedStream, 2));

        var response = await ScriptedChatClientTests.Collect(client, streaming: true, Token);

        Assert.Equal("chunk1 chunk2 ", response.Text);
        Assert.Null(response.FinishReason);
        Assert.Null(response.Usage);
    }
}
