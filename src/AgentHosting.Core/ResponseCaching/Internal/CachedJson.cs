using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The rare parts of an answer, kept as JSON.</summary>
internal static class CachedJson
{
    // Stands among the properties and says of which type those are whose JSON does not tell. Below the prefix of the cache, so that no property has its name.
    private const string Types = ResponseCacheProperties.Result + ".types";

    public static JsonElement? TryWrite(object? value, Type type)
    {
        try
        {
            return AIJsonUtilities.DefaultOptions.TryGetTypeInfo(type, out var typeInfo) ? JsonSerializer.SerializeToElement(value, typeInfo) : null;
        }
        catch (Exception)
        {
            // It has no stored form, and the answer is not cached. Not only JSON can be the reason: a property of an object may throw anything.
            return null;
        }
    }

    public static long SizeOf(JsonElement json) => json.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(json).Length;

    /// <summary>About how many bytes properties take in memory.</summary>
    public static long SizeOf(Dictionary<string, JsonElement>? properties)
    {
        var size = 0L;
        foreach (var (name, value) in properties ?? [])
        {
            size += 100 + (2 * name.Length) + SizeOf(value);
        }

        return size;
    }

    /// <summary>Takes additional properties down. Those of the cache are left out, since they tell of one call; marks of other stages are kept where they can be.</summary>
    /// <returns>Whether all of them have a stored form.</returns>
    public static bool TryWrite(AdditionalPropertiesDictionary? properties, out Dictionary<string, JsonElement>? stored)
    {
        stored = null;
        if (properties is null)
        {
            return true;
        }

        Dictionary<string, string>? types = null;
        foreach (var (name, value) in properties)
        {
            if (name.StartsWith(ResponseCacheProperties.Result, StringComparison.Ordinal))
            {
                continue;
            }

            if (value is not (null or string or bool or int or long or double or decimal or JsonElement)
                || TryWrite(value, value?.GetType() ?? typeof(object)) is not { } json)
            {
                if (name.StartsWith(KeyDenyList.ReservedPrefix, StringComparison.Ordinal))
                {
                    continue;
                }

                return false;
            }

            (stored ??= [])[name] = json;
            if (TypeOf(value) is { } type)
            {
                (types ??= [])[name] = type;
            }
        }

        if (types is not null)
        {
            stored![Types] = JsonSerializer.SerializeToElement(types, StoredAnswerJsonContext.Default.DictionaryStringString);
        }

        return true;
    }

    public static AdditionalPropertiesDictionary? Read(Dictionary<string, JsonElement>? stored)
    {
        if (stored is null)
        {
            return null;
        }

        var properties = new AdditionalPropertiesDictionary();
        var hasTypes = stored.TryGetValue(Types, out var types) && types.ValueKind == JsonValueKind.Object;
        foreach (var (name, value) in stored)
        {
            if (name != Types)
            {
                properties[name] = hasTypes && types.TryGetProperty(name, out var type) ? Read(value, type) : Read(value);
            }
        }

        return properties;
    }

    private static object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Null => null,
        _ => value,
    };

    private static object Read(JsonElement value, JsonElement type) =>
        type.ValueEquals("int") && value.TryGetInt32(out var number) ? number
        : type.ValueEquals("long") && value.TryGetInt64(out var large) ? large
        : type.ValueEquals("double") && value.TryGetDouble(out var real) ? real
        : type.ValueEquals("decimal") && value.TryGetDecimal(out var exact) ? exact
        : value;

    private static string? TypeOf(object? value) => value switch
    {
        int => "int",
        long => "long",
        double => "double",
        decimal => "decimal",
        JsonElement { ValueKind: JsonValueKind.String or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null } => "json",
        _ => null,
    };
}
