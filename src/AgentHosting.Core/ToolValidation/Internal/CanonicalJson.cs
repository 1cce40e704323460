using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>
/// One form for all JSON that means the same: properties in ordinal order, numbers without superfluous digits, no white space. A client that reads and
/// writes a call, as a browser does, changes none of it.
/// </summary>
internal static class CanonicalJson
{
    public static byte[] Of(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            Write(writer, element);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static string Hash(ReadOnlySpan<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json));

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(static property => property.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, element);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, JsonElement element)
    {
        var text = element.GetRawText();
        // A decimal silently drops digits beyond its 28; of such a number every digit counts, so it stays as it is.
        if (text.Length <= 28 && element.TryGetDecimal(out var number) && (number != 0 || !text.AsSpan().ContainsAnyInRange('1', '9')))
        {
            writer.WriteRawValue(number.ToString("0.############################", CultureInfo.InvariantCulture), skipInputValidation: true);
        }
        else
        {
            element.WriteTo(writer);
        }
    }
}
