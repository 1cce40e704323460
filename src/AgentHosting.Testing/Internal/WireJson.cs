using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

/// <summary>The bodies of OpenAI's chat-completions wire.</summary>
internal static class WireJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> Error(WireError error) => Object(json =>
    {
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.TypeOrDefault);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Code);
        json.WriteEndObject();
    });

    public static ReadOnlyMemory<byte> Models(IReadOnlyList<string> models, DateTimeOffset now) => Object(json =>
    {
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var model in models)
        {
            json.WriteStartObject();
            json.WriteString("id", model);
            json.WriteString("object", "model");
            json.WriteNumber("created", now.ToUnixTimeSeconds());
            json.WriteString("owned_by", "scripted");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static ReadOnlyMemory<byte> Completion(TurnPlan plan) => Object(json =>
    {
        WriteHead(json, plan, "chat.completion");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        WriteMessage(json, plan);
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", plan.FinishReason?.Value);
        json.WriteEndObject();
        json.WriteEndArray();
        if (plan.Usage is { } usage)
        {
            WriteUsage(json, usage);
        }
    });

    public static void WriteHead(Utf8JsonWriter json, TurnPlan plan, string kind)
    {
        json.WriteString("id", plan.ResponseId);
        json.WriteString("object", kind);
        json.WriteNumber("created", plan.CreatedAt.ToUnixTimeSeconds());
        json.WriteString("model", plan.ModelId);
        json.WriteString("service_tier", "default");
        json.WriteString("system_fingerprint", "fp_scripted");
    }

    public static void WriteUsage(Utf8JsonWriter json, UsageDetails usage)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", usage.InputTokenCount ?? 0);
        json.WriteNumber("completion_tokens", usage.OutputTokenCount ?? 0);
        json.WriteNumber("total_tokens", usage.TotalTokenCount ?? 0);
        WriteDetail(json, "prompt_tokens_details", "cached_tokens", usage.CachedInputTokenCount);
        WriteDetail(json, "completion_tokens_details", "reasoning_tokens", usage.ReasoningTokenCount);
        json.WriteEndObject();
    }

    private static void WriteDetail(Utf8JsonWriter json, string group, string name, long? value)
    {
        if (value is { } count)
        {
            json.WriteStartObject(group);
            json.WriteNumber(name, count);
            json.WriteEndObject();
        }
    }

    private static void WriteMessage(Utf8JsonWriter json, TurnPlan plan)
    {
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", plan.Turn.TextChunks.Count > 0 ? string.Concat(plan.Turn.TextChunks) : null);
        if (plan.Turn.Reasoning is { } reasoning)
        {
            json.WriteString("reasoning_content", reasoning);
        }

        json.WriteNull("refusal");
        if (plan.Turn.Calls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (var chunk in plan.Chunks.Where(static chunk => chunk.Call is not null))
            {
                json.WriteStartObject();
                json.WriteString("id", chunk.CallId);
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", chunk.Call!.Name);
                json.WriteString("arguments", chunk.Call.ArgumentsJson);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
