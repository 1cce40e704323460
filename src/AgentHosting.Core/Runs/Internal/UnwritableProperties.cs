using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>Takes out additional properties that have no JSON form, such as objects of a provider's own library: a response that was paid for must not be lost for them.</summary>
internal static class UnwritableProperties
{
    /// <returns>Whether there were any.</returns>
    public static bool RemoveFrom(ChatResponse response)
    {
        response.AdditionalProperties = Writable(response.AdditionalProperties, out var found);
        foreach (var message in response.Messages)
        {
            message.AdditionalProperties = Writable(message.AdditionalProperties, out var foundHere);
            found |= foundHere | RemoveFrom(message.Contents);
        }

        return found;
    }

    /// <returns>Whether there were any.</returns>
    public static bool RemoveFrom(object? result)
    {
        var found = false;
        foreach (var content in result as IEnumerable<AIContent> ?? (result is AIContent single ? [single] : []))
        {
            content.AdditionalProperties = Writable(content.AdditionalProperties, out var foundHere);
            found |= foundHere;
        }

        return found;
    }

    // A copy: others may hold the dictionary, as a cache does.
    private static AdditionalPropertiesDictionary? Writable(AdditionalPropertiesDictionary? properties, out bool found)
    {
        var writable = properties is null ? null : new AdditionalPropertiesDictionary(properties.Where(static property => IsWritable(property.Value)));
        found = writable?.Count != properties?.Count;
        return found ? writable : properties;
    }

    private static bool IsWritable(object? value)
    {
        try
        {
            JsonSerializer.SerializeToUtf8Bytes(value, JournalFormat.Options.GetTypeInfo(typeof(object)));
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }
}
