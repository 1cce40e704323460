using System.Text.Json;
using AgentHosting.Runs.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Runs;

public sealed class JournalFormatTests
{
    [Fact]
    public void Response_RoundTrip_IsStable()
    {
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant,
        [
            new TextReasoningContent("because") { ProtectedData = "opaque==" },
            new TextContent("Hm."),
            new FunctionCallContent("call_0", "f", new Dictionary<string, object?> { ["a"] = 1, ["b"] = "x" }),
        ]))
        {
            Usage = new UsageDetails { InputTokenCount = 3, OutputTokenCount = 4, CachedInputTokenCount = 1 },
            FinishReason = ChatFinishReason.ToolCalls,
            ModelId = "m",
        };

        var once = JournalFormat.WriteResponse(response);
        var read = JournalFormat.ReadResponse(once);

        Assert.Equal(once, JournalFormat.WriteResponse(read));
        Assert.Equal("opaque==", read.Messages[0].Contents.OfType<TextReasoningContent>().Single().ProtectedData);
        Assert.Equal((ChatFinishReason.ToolCalls, 3L), (read.FinishReason!.Value, read.Usage!.InputTokenCount!.Value));
        Assert.DoesNotContain("\n", System.Text.Encoding.UTF8.GetString(once), StringComparison.Ordinal);
    }

    [Fact]
    public void Response_ArgumentsThatDidNotParse_KeepTheirError()
    {
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant,
        [
            new FunctionCallContent("1", "good", new Dictionary<string, object?>()),
            new FunctionCallContent("2", "bad") { Exception = new JsonException("broken") },
        ]));

        var calls = JournalFormat.CallsOf(JournalFormat.ReadResponse(JournalFormat.WriteResponse(response))).ToList();

        Assert.Null(calls[0].Exception);
        Assert.Equal("broken", calls[1].Exception!.Message);
    }

    [Fact]
    public void ToolResult_OfEachKind_ComesBackAsTheLoopNeedsIt()
    {
        Assert.Null(RoundTrip(null));
        Assert.Equal("plain", RoundTrip("plain"));
        Assert.Equal(5, Assert.IsType<JsonElement>(RoundTrip(5)).GetInt32());
        Assert.Equal("""{"a":1}""", Assert.IsType<JsonElement>(RoundTrip(JsonDocument.Parse("""{"a":1}""").RootElement)).GetRawText());
        Assert.Equal("c", Assert.IsType<TextContent>(RoundTrip(new TextContent("c"))).Text);
        Assert.Equal(2, Assert.IsAssignableFrom<IEnumerable<AIContent>>(RoundTrip(new List<AIContent> { new TextContent("a"), new TextContent("b") })).Count());
        Assert.Equal("NaN", Assert.IsType<JsonElement>(RoundTrip(double.NaN)).GetString());
    }

    [Fact]
    public void Payload_OfANewerVersion_IsRefusedByName()
    {
        var exception = Assert.Throws<InvalidDataException>(() => JournalFormat.ReadToolResult("""{"v":3,"kind":"null"}"""u8.ToArray()));

        Assert.Contains("version 3", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"v":1,"kind":"text","value":"found"}""", "found")]
    [InlineData("""{"v":1,"kind":"error","value":"Error: no."}""", "Error: no.")]
    public void StoredToolResult_OfVersion1_IsStillRead(string stored, string expected) =>
        Assert.Equal(expected, JournalFormat.ReadToolResult(System.Text.Encoding.UTF8.GetBytes(stored)));

    [Fact]
    public void StoredResponse_OfVersion1_IsStillRead()
    {
        var response = JournalFormat.ReadResponse(
            """{"v":1,"response":{"messages":[{"role":"assistant","contents":[{"$type":"text","text":"Hi"}]}],"finishReason":"stop","usage":{"inputTokenCount":1}}}"""u8.ToArray());

        Assert.Equal(("Hi", 1L), (response.Text, response.Usage!.InputTokenCount!.Value));
    }

    private static object? RoundTrip(object? result) =>
        JournalFormat.ReadToolResult(JournalFormat.WriteToolResult(ToolResultKinds.Of(result), result, JournalFormat.Options));
}
