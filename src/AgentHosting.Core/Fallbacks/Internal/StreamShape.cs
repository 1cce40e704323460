using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>A stream commits with its first content.</summary>
internal readonly struct StreamShape : ICallShape<HeldStream>
{
    public static Task<HeldStream> CallAsync(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        HeldStream.OpenAsync(client.GetStreamingResponseAsync(messages, options, cancellationToken), cancellationToken).AsTask();

    public static ValueTask DiscardAsync(HeldStream result) => result.DisposeAsync();
}
