using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>Writes values of no declared type in a form that does not depend on the order of properties or on white space.</summary>
internal static class KeyValueWriter
{
    private const int MaxDepth = 64;

    /// <summary>Writes additional properties, ours left out.</summary>
    /// <returns>Whether every value could be told from every other.</returns>
    public static bool TryWriteProperties(KeyWriter writer, IEnumerable<KeyValuePair<string, object?>>? properties, int count)
    {
        if (count == 0)
        {
            writer.Tag('0');
            return true;
        }

        var pairs = properties!.Where(static pair => !pair.Key.StartsWith(KeyDenyList.ReservedPrefix, StringComparison.Ordinal)).ToArray();
        if (pairs.Length == 0)
        {
            writer.Tag('0');
            return true;
        }

        return TryWritePairs(writer, pairs, asJson: false, depth: 0);
    }

    /// <summary>Writes one value.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="value">The value.</param>
    /// <param name="asJson">Whether providers send the value as JSON, so that its JSON is all there is to it.</param>
    /// <param name="depth">How deep it lies.</param>
    /// <returns>Whether the value could be told from every other.</returns>
    public static bool TryWrite(KeyWriter writer, object? value, bool asJson, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        switch (value)
        {
            case null:
                writer.Tag('0');
                return true;
            case string text:
                writer.Text(text);
                return true;
            case bool flag:
                writer.Bool(flag);
                return true;
            case JsonElement element:
                return TryWriteJson(writer, element, depth);
            case JsonDocument document:
                return TryWriteJson(writer, document.RootElement, depth);
            case JsonNode node:
                return TryWriteJson(writer, JsonSerializer.SerializeToElement(node, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonNode))), depth);
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal or float or double:
                Number(writer, ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                return true;
            case Guid or DateTime or DateTimeOffset or TimeSpan or DateOnly or TimeOnly:
                writer.Tag('f');
                writer.Text(value.GetType().Name);
                writer.Text(((IFormattable)value).ToString(value is Guid ? "D" : value is TimeSpan ? "c" : "O", CultureInfo.InvariantCulture));
                return true;
            case Uri uri:
                writer.Tag('r');
                writer.Text(uri.OriginalString);
                return true;
            case Enum:
                writer.Tag('e');
                writer.Text(value.GetType().FullName);
                writer.Text(((Enum)value).ToString("D"));
                return true;
            case byte[] bytes:
                writer.Bytes(bytes);
                return true;
            case IEnumerable<KeyValuePair<string, object?>> pairs:
                return TryWritePairs(writer, [.. pairs], asJson, depth);
            case IEnumerable<object?> items:
                return TryWriteItems(writer, [.. items], asJson, depth);
            default:
                return asJson && TryWriteAsJson(writer, value, depth);
        }
    }

    public static bool TryWriteJson(KeyWriter writer, JsonElement element, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var properties = element.EnumerateObject().ToArray();
                // Sorting is stable: of properties with one name the order stays, as readers take the last.
                var sorted = properties.OrderBy(static property => property.Name, StringComparer.Ordinal);
                writer.Tag('{');
                writer.Int64(properties.Length);
                foreach (var property in sorted)
                {
                    writer.Text(property.Name);
                    if (!TryWriteJson(writer, property.Value, depth + 1))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Array:
                writer.Tag('[');
                writer.Int64(element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                {
                    if (!TryWriteJson(writer, item, depth + 1))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.String:
                writer.Text(element.GetString());
                return true;
            case JsonValueKind.Number:
                Number(writer, element.GetRawText());
                return true;
            case JsonValueKind.True or JsonValueKind.False:
                writer.Bool(element.ValueKind == JsonValueKind.True);
                return true;
            case JsonValueKind.Null:
                writer.Tag('0');
                return true;
            default:
                writer.Tag('?');
                return true;
        }
    }

    private static void Number(KeyWriter writer, string text)
    {
        writer.Tag('n');
        writer.Text(text);
    }

    private static bool TryWritePairs(KeyWriter writer, KeyValuePair<string, object?>[] pairs, bool asJson, int depth)
    {
        Array.Sort(pairs, static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        writer.Tag('{');
        writer.Int64(pairs.Length);
        foreach (var (key, value) in pairs)
        {
            writer.Text(key);
            if (!TryWrite(writer, value, asJson, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryWriteItems(KeyWriter writer, object?[] items, bool asJson, int depth)
    {
        writer.Tag('[');
        writer.Int64(items.Length);
        foreach (var item in items)
        {
            if (!TryWrite(writer, item, asJson, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryWriteAsJson(KeyWriter writer, object value, int depth)
    {
        try
        {
            return AIJsonUtilities.DefaultOptions.TryGetTypeInfo(value.GetType(), out var typeInfo)
                && TryWriteJson(writer, JsonSerializer.SerializeToElement(value, typeInfo), depth);
        }
        catch (Exception)
        {
            // What cannot be sent as JSON cannot be told apart by it; the provider will say so. Not only JSON can be the reason: a property may throw anything.
            return false;
        }
    }
}
