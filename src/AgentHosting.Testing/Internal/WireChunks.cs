using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>The <c>chat.completion.chunk</c> events of a streamed answer.</summary>
internal sealed class WireChunks(TurnPlan plan, bool includeUsage)
{
    /// <summary>Small enough that the arguments of any ordinary call come in several pieces, as from a real model.</summary>
    private const int ArgumentPieceLength = 8;

    public ReadOnlyMemory<byte> Role() => Chunk(static json =>
    {
        json.WriteString("role", "assistant");
        json.WriteString("content", "");
        json.WriteNull("refusal");
    });

    public IEnumerable<ReadOnlyMemory<byte>> Content(TurnChunk chunk)
    {
        if (chunk.Call is not { } call)
        {
            yield return Chunk(json => json.WriteString(chunk.Reasoning is null ? "content" : "reasoning_content", chunk.Reasoning ?? chunk.Text));
            yield break;
        }

        yield return ToolCall(chunk.CallPosition, json =>
        {
            json.WriteString("id", chunk.CallId);
            json.WriteString("type", "function");
            WriteFunction(json, call.Name, "");
        });
        foreach (var piece in TextChunker.BySize(call.ArgumentsJson, ArgumentPieceLength))
        {
            yield return ToolCall(chunk.CallPosition, json => WriteFunction(json, name: null, piece));
        }
    }

    public ReadOnlyMemory<byte> Finish(ChatFinishReason reason) => Chunk(static _ => { }, reason.Value);

    public ReadOnlyMemory<byte> Usage(UsageDetails usage) => WireJson.Object(json =>
    {
        WireJson.WriteHead(json, plan, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteEndArray();
        WireJson.WriteUsage(json, usage);
    });

    private static void WriteFunction(Utf8JsonWriter json, string? name, string arguments)
    {
        json.WriteStartObject("function");
        if (name is not null)
        {
            json.WriteString("name", name);
        }

        json.WriteString("arguments", arguments);
        json.WriteEndObject();
    }

    private ReadOnlyMemory<byte> ToolCall(int position, Action<Utf8JsonWriter> write) => Chunk(json =>
    {
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", position);
        write(json);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private ReadOnlyMemory<byte> Chunk(Action<Utf8JsonWriter> writeDelta, string? finishReason = null) => WireJson.Object(json =>
    {
        WireJson.WriteHead(json, plan, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        writeDelta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includeUsage)
        {
            json.WriteNull("usage");
        }
    });
}
