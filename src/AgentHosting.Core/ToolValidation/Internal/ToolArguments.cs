using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>The arguments of a call as one JSON object within the bounds, or what is wrong with them.</summary>
internal sealed class ToolArguments
{
    private ToolArguments(JsonElement value, byte[] canonical)
    {
        Value = value;
        Canonical = canonical;
    }

    /// <summary>The arguments in their canonical form.</summary>
    public JsonElement Value { get; }

    public byte[] Canonical { get; }

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
            if (error is not null)
            {
                return null;
            }

            // Made now, while what is no text is still an answer to the model and no surprise later. A call runs with it whether it was approved or not.
            var canonical = CanonicalJson.Of(document.RootElement);
            using var plain = JsonDocument.Parse(canonical, new JsonDocumentOptions { MaxDepth = maxDepth + 1 });
            return new ToolArguments(plain.RootElement.Clone(), canonical);
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

    /// <summary>
    /// What the tool is called with: what was checked. What may change is taken from there, so that nobody changes it between the check and the call;
    /// and a whole number in the form of another (1.0, 1e2), which serializers refuse for an integer, in its plain one.
    /// </summary>
    public AIFunctionArguments ToCall(AIFunctionArguments given)
    {
        var call = new AIFunctionArguments { Services = given.Services, Context = given.Context };
        foreach (var property in Value.EnumerateObject())
        {
            call[property.Name] = property.Value;
        }

        return call;
    }

    /// <summary>Names of one object that differ only in case: which one a tool or a rule gets is a matter of its serializer.</summary>
    private static string? FindLookalike(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var names = element.GetPropertyCount() > 1 ? new HashSet<string>(StringComparer.OrdinalIgnoreCase) : null;
                foreach (var property in element.EnumerateObject())
                {
                    if (names?.Add(property.Name) == false)
                    {
                        return $"the argument {SafeName.Of(property.Name)} is there twice. Send it once.";
                    }

                    if (FindLookalike(property.Value) is { } error)
                    {
                        return error;
                    }
                }

                return null;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    if (FindLookalike(item) is { } error)
                    {
                        return error;
                    }
                }

                return null;
            default:
                return null;
        }
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
