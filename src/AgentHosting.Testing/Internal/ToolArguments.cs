using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

internal static class ToolArguments
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToJson(IReadOnlyDictionary<string, object?>? arguments)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments ?? new Dictionary<string, object?>())
            {
                writer.WritePropertyName(name);
                WriteValue(writer, name, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static FunctionCallContent ToContent(string callId, ScriptedToolCall call)
    {
        try
        {
            return new FunctionCallContent(callId, call.Name, Parse(call.ArgumentsJson));
        }
        catch (JsonException exception)
        {
            return new FunctionCallContent(callId, call.Name) { Exception = exception };
        }
    }

    /// <summary>An empty text is an empty object, as models write it for a tool without parameters.</summary>
    public static Dictionary<string, object?> Parse(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"Tool arguments are a JSON {document.RootElement.ValueKind}. Write a JSON object.");
        }

        return document.RootElement.EnumerateObject().ToDictionary(
            static property => property.Name,
            static property => property.Value.ValueKind == JsonValueKind.Null ? null : (object?)property.Value.Clone());
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, object? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
            return;
        }

        try
        {
            JsonSerializer.Serialize(writer, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
        }
        catch (NotSupportedException exception)
        {
            throw new ArgumentException(
                $"The tool argument '{name}' of type {value.GetType()} cannot be written as JSON. Pass a JsonElement, or the arguments as JSON text.",
                nameof(value),
                exception);
        }
    }
}
