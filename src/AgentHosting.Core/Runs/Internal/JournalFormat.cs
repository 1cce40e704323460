using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// The stored form of model responses, tool results and messages: versioned JSON over the content types of Microsoft.Extensions.AI.
/// Both the first pass and every replay hand out what was read back, so that they cannot differ.
/// </summary>
internal static class JournalFormat
{
    /// <summary>
    /// What this worker writes; it reads this and all before. Version 2 brought entry 0 and the fingerprints of steps. Raise it too when the JSON of messages or options
    /// changes, as with a new version of Microsoft.Extensions.AI: fingerprints are compared within one version only.
    /// </summary>
    public const int Version = 2;

    // What is written must be readable in all that it becomes a part of: a result is part of a message, and that of a session.
    private const int MaxDepth = 1000;
    private const int MaxResultDepth = 500;

    // Not indented: AIJsonUtilities.DefaultOptions is, and these bytes are stored. Named literals: a tool may return NaN.
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    /// <summary>Writes a response. Properties that have no JSON form are left out, as its raw representation is.</summary>
    public static byte[] WriteResponse(ChatResponse response)
    {
        try
        {
            return WriteWhole(response);
        }
        catch (NotSupportedException) when (UnwritableProperties.RemoveFrom(response))
        {
            return WriteWhole(response);
        }
    }

    private static byte[] WriteWhole(ChatResponse response)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            writer.WritePropertyName("response");
            JsonSerializer.Serialize(writer, response, Options.GetTypeInfo(typeof(ChatResponse)));
            WriteCallErrors(writer, response);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static ChatResponse ReadResponse(ReadOnlyMemory<byte> payload)
    {
        using var document = Parse(payload);
        var response = (ChatResponse)document.RootElement.GetProperty("response").Deserialize(Options.GetTypeInfo(typeof(ChatResponse)))!;
        if (document.RootElement.TryGetProperty("call_errors", out var errors))
        {
            foreach (var (position, call) in CallsOf(response).Index())
            {
                if (errors[position].GetString() is { } error)
                {
                    call.Exception = new JsonException(error);
                }
            }
        }

        return response;
    }

    public static byte[] WriteMessages(IEnumerable<ChatMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            WriteMessages(writer, messages);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static void WriteMessages(Utf8JsonWriter writer, IEnumerable<ChatMessage> messages)
    {
        writer.WriteStartArray("messages");
        foreach (var message in messages)
        {
            JsonSerializer.Serialize(writer, message, Options.GetTypeInfo(typeof(ChatMessage)));
        }

        writer.WriteEndArray();
    }

    public static List<ChatMessage> ReadMessages(ReadOnlyMemory<byte> payload)
    {
        using var document = Parse(payload);
        return ReadMessages(document.RootElement);
    }

    public static List<ChatMessage> ReadMessages(JsonElement root) =>
        [.. root.GetProperty("messages").EnumerateArray().Select(message => (ChatMessage)message.Deserialize(Options.GetTypeInfo(typeof(ChatMessage)))!)];

    /// <summary>Writes what a tool returned. Properties of contents that have no JSON form are left out.</summary>
    public static byte[] WriteToolResult(ToolResultKind kind, object? result, JsonSerializerOptions functionOptions)
    {
        try
        {
            return WriteWhole(kind, result, functionOptions);
        }
        catch (NotSupportedException) when (UnwritableProperties.RemoveFrom(result))
        {
            return WriteWhole(kind, result, functionOptions);
        }
    }

    private static byte[] WriteWhole(ToolResultKind kind, object? result, JsonSerializerOptions functionOptions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = MaxResultDepth }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            writer.WriteString("kind", kind.ToWord());
            if (kind != ToolResultKind.Null)
            {
                writer.WritePropertyName("value");
                WriteToolValue(writer, kind, result!, functionOptions);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What the loop is handed: a string as a string (as JSON it would reach the model quoted), content as content, all else as JSON.</summary>
    public static object? ReadToolResult(ReadOnlyMemory<byte> payload)
    {
        using var document = Parse(payload);
        var root = document.RootElement;
        return ToolResultKinds.Parse(root.GetProperty("kind").GetString()) switch
        {
            ToolResultKind.Null => null,
            ToolResultKind.Text or ToolResultKind.Error => root.GetProperty("value").GetString(),
            ToolResultKind.Content => root.GetProperty("value").Deserialize(Options.GetTypeInfo(typeof(AIContent))),
            ToolResultKind.Contents => root.GetProperty("value").EnumerateArray()
                .Select(item => (AIContent)item.Deserialize(Options.GetTypeInfo(typeof(AIContent)))!).ToList(),
            _ => root.GetProperty("value").Clone(),
        };
    }

    public static byte[] WriteApproval(ApprovalAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            writer.WriteString("request_id", answer.RequestId);
            writer.WriteBoolean("approved", answer.IsApproved);
            writer.WriteBoolean("expired", answer.IsExpired);
            writer.WriteString("reason", answer.Reason);
            writer.WriteString("approver", answer.Approver);
            writer.WriteString("policy", answer.Policy);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static ApprovalAnswer ReadApproval(ReadOnlyMemory<byte> payload)
    {
        using var document = Parse(payload);
        var root = document.RootElement;
        return new ApprovalAnswer(
            root.GetProperty("request_id").GetString()!,
            root.GetProperty("approved").GetBoolean(),
            root.GetProperty("reason").GetString(),
            root.GetProperty("approver").GetString(),
            root.GetProperty("policy").GetString(),
            root.GetProperty("expired").GetBoolean());
    }

    /// <summary>The result of a step of code.</summary>
    public static byte[] WriteValue<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            writer.WritePropertyName("value");
            JsonSerializer.Serialize(writer, value, typeInfo);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static T ReadValue<T>(ReadOnlyMemory<byte> payload, JsonTypeInfo<T> typeInfo)
    {
        using var document = Parse(payload);
        return document.RootElement.GetProperty("value").Deserialize(typeInfo)!;
    }

    /// <summary>An event from outside; <see langword="null"/> for one that has not come in time, and for the end of a delay.</summary>
    public static byte[] WriteSignal(JsonElement? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            if (value is { } given)
            {
                writer.WritePropertyName("value");
                given.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The tool result as the event log shows it.</summary>
    public static JsonElement? ToolValueOf(ReadOnlyMemory<byte> payload)
    {
        using var document = Parse(payload);
        return document.RootElement.TryGetProperty("value", out var value) ? value.Clone() : null;
    }

    /// <summary>The arguments of a call as the event log shows them.</summary>
    public static JsonElement? ArgumentsOf(FunctionCallContent call) => call.Arguments is null
        ? null
        : JsonSerializer.SerializeToElement(call.Arguments, Options.GetTypeInfo(typeof(IDictionary<string, object?>)));

    /// <summary>The calls that the loop answers, in its order. Those that a service ran by itself are only told: they are marked so, or their results are there.</summary>
    public static IEnumerable<FunctionCallContent> CallsOf(ChatResponse response)
    {
        var contents = response.Messages.SelectMany(static message => message.Contents);
        var answered = contents.OfType<FunctionResultContent>().Select(static result => result.CallId).ToHashSet(StringComparer.Ordinal);
        return contents.OfType<FunctionCallContent>().Where(call => !call.InformationalOnly && !answered.Contains(call.CallId));
    }

    /// <exception cref="InvalidDataException">A newer version wrote it.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> payload)
    {
        var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = MaxDepth });
        var version = document.RootElement.GetProperty("v").GetInt32();
        if (version is >= 1 and <= Version)
        {
            return document;
        }

        document.Dispose();
        throw new InvalidDataException($"The journal has format version {version}; this worker reads up to version {Version}. Let a worker of the newer version finish the run.");
    }

    // FunctionCallContent.Exception says that the arguments did not parse. It is lost in JSON, and the tool would run without arguments.
    private static void WriteCallErrors(Utf8JsonWriter writer, ChatResponse response)
    {
        if (CallsOf(response).All(call => call.Exception is null))
        {
            return;
        }

        writer.WriteStartArray("call_errors");
        foreach (var call in CallsOf(response))
        {
            writer.WriteStringValue(call.Exception?.Message);
        }

        writer.WriteEndArray();
    }

    private static void WriteToolValue(Utf8JsonWriter writer, ToolResultKind kind, object result, JsonSerializerOptions functionOptions)
    {
        switch (kind)
        {
            case ToolResultKind.Text or ToolResultKind.Error:
                writer.WriteStringValue((string)result);
                break;
            case ToolResultKind.Content:
                JsonSerializer.Serialize(writer, (AIContent)result, Options.GetTypeInfo(typeof(AIContent)));
                break;
            case ToolResultKind.Contents:
                writer.WriteStartArray();
                foreach (var content in (IEnumerable<AIContent>)result)
                {
                    JsonSerializer.Serialize(writer, content, Options.GetTypeInfo(typeof(AIContent)));
                }

                writer.WriteEndArray();
                break;
            default:
                if (result is JsonElement element)
                {
                    element.WriteTo(writer);
                }
                else
                {
                    JsonSerializer.Serialize(writer, result, functionOptions.GetTypeInfo(result.GetType()));
                }

                break;
        }
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions)
        {
            WriteIndented = false,
            MaxDepth = MaxDepth,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        options.MakeReadOnly();
        return options;
    }
}
