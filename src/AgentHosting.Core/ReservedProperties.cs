using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>The keys of additional properties under which stages tell each other something. No provider sees them.</summary>
internal static class ReservedProperties
{
    public const string Prefix = "agenthosting.";

    /// <summary>The options as a provider may see them: the same instance when there is nothing to take out.</summary>
    public static ChatOptions? RemovedFrom(ChatOptions? options)
    {
        if (!AreIn(options))
        {
            return options;
        }

        var copy = options!.Clone();
        Remove(copy);
        return copy;
    }

    /// <summary>Takes them out of options that are about to leave for a provider.</summary>
    public static void Remove(ChatOptions options)
    {
        if (!AreIn(options))
        {
            return;
        }

        var properties = options.AdditionalProperties!;
        foreach (var property in properties)
        {
            // A dictionary may lose entries while it is enumerated, just not gain any.
            if (IsReserved(property.Key))
            {
                properties.Remove(property.Key);
            }
        }

        if (properties.Count == 0)
        {
            options.AdditionalProperties = null;
        }
    }

    private static bool AreIn(ChatOptions? options)
    {
        if (options?.AdditionalProperties is { } properties)
        {
            foreach (var property in properties)
            {
                if (IsReserved(property.Key))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsReserved(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);
}
