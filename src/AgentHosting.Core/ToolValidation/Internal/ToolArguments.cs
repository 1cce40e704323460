using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>The arguments of a call as one JSON object within the bounds, or what is wrong with them.</summary>
internal sealed class ToolArguments
{
    private byte[]? _canonical;

    private ToolArguments(JsonElement value) => Value = value;

    public JsonElement Value { get; }

    public byte[] Canonical => _canonical ??= CanonicalJson.Of(Value);

    /// <summary>Reads arguments. They are measured before they are copied, and nothing of them stands in an error but their names.</summary>
    public static ToolArguments? Read(IEnumerable<KeyValuePair<string, object?>> arguments, JsonSerializerOptions options, int maxBytes, int maxDepth, out string? error)
    {
        var buffer = new BoundedBuffer(maxBytes);
        try
        {
            using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 1000, SkipValidation = true }))
            {
                writer.WriteStartObject();
                foreach (var (name, value) in arguments)
                {
                    if (name.Length > maxBytes)
                    {
                        throw new BufferLimitException();
                    }

                    writer.WritePropertyName(name);
                    Write(writer, value, options, maxBytes);
                }

                writer.WriteEndObject();
            }

            // The empty object alone has a depth of 1.
            using var document = JsonDocument.Parse(buffer.Written, new JsonDocumentOptions { MaxDepth = maxDepth + 1, AllowDuplicateProperties = false });
            error = FindLookalike(document.RootElement);
            return error is null ? new ToolArguments(document.RootElement.Clone()) : null;
        }
        catch (BufferLimitException)
        {
            error = $"the arguments are longer than {maxBytes} bytes. Send less.";
        }
        catch (JsonException exception)
        {
            error = exception.Message.Contains("depth", StringComparison.OrdinalIgnoreCase)
                ? $"the arguments are nested deeper than {maxDepth} levels. Send them flatter."
                : exception.Message.Contains("uplicate", StringComparison.Ordinal)
                    ? "an object in the arguments has two properties of the same name. Name each once."
                    : "the arguments cannot be read as JSON. Correct them.";
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            error = "the arguments cannot be read as JSON. Correct them.";
        }

        return null;
    }

    /// <summary>Names of arguments that differ only in case: which one a tool gets is a matter of its serializer.</summary>
    private static string? FindLookalike(JsonElement root)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in root.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                return $"the argument {SafeName.Of(property.Name)} is there twice. Send it once.";
            }
        }

        return null;
    }

    private static void Write(Utf8JsonWriter writer, object? value, JsonSerializerOptions options, int maxBytes)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonElement { ValueKind: JsonValueKind.Undefined }:
                writer.WriteNullValue();
                break;
            case JsonElement element:
                var raw = JsonMarshal.GetRawUtf8Value(element);
                if (raw.Length > maxBytes)
                {
                    throw new BufferLimitException();
                }

                writer.WriteRawValue(raw, skipInputValidation: true);
                break;
            case string text:
                if (text.Length > maxBytes)
                {
                    throw new BufferLimitException();
                }

                writer.WriteStringValue(text);
                break;
            default:
                JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
                break;
        }

        writer.Flush();
    }
}
