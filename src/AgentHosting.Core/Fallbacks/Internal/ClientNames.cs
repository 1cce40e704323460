using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>What the clients of <see cref="FallbackOptions.Clients"/> are called, in errors and as the key under which state of theirs is kept.</summary>
internal static class ClientNames
{
    private static readonly ConditionalWeakTable<IChatClient, string> Unnamed = [];

    /// <param name="client">The client.</param>
    /// <param name="index">Its place in the list, which is all there is to call it by when it does not say its model.</param>
    public static (string Name, string Key) Of(IChatClient client, int index)
    {
        if (client.GetService<ChatClientMetadata>() is not { DefaultModelId: { } model } metadata)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"client {index + 1}");

            // Another pipeline, here or in another process that shares a store, calls another client by the same place.
            return (name, $"{name} ({Unnamed.GetValue(client, static _ => Guid.NewGuid().ToString("N"))})");
        }

        // One model in two regions is two that fail apart from each other.
        var known = metadata.ProviderName is { } provider ? $"{provider}/{model}" : model;
        return (known, metadata.ProviderUri is { IsAbsoluteUri: true } uri ? $"{known}@{uri.Authority}" : known);
    }
}
