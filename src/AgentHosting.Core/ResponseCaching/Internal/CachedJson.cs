using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The rare parts of an answer, kept as JSON.</summary>
internal static class CachedJson
{
    public static JsonElement? TryWrite(object? value, Type type)
    {
        try
        {
            return AIJsonUtilities.DefaultOptions.TryGetTypeInfo(type, out var typeInfo) ? JsonSerializer.SerializeToElement(value, typeInfo) : null;
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException)
        {
            // It has no stored form; the answer is not cached.
            return null;
        }
    }

    public static long SizeOf(JsonElement json) => json.ValueKind == JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(json).Length;

    /// <summary>Takes additional properties down. Those of the cache are left out, since they tell of one call; marks of other stages are kept where they can be.</summary>
    /// <returns>Whether all of them have a stored form.</returns>
    public static bool TryWrite(AdditionalPropertiesDictionary? properties, out Dictionary<string, JsonElement>? stored)
    {
        stored = null;
        if (properties is null)
        {
            return true;
        }

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
        foreach (var (name, value) in stored)
        {
            properties[name] = value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
                JsonValueKind.Null => null,
                _ => value,
            };
        }

        return properties;
    }
}
