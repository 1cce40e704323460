using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>A call that is not streamed commits with its response.</summary>
internal readonly struct WholeShape : ICallShape<ChatResponse>
{
    public static async Task<ChatResponse> CallAsync(
        IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        CompleteAnswer.Checked(await client.GetResponseAsync(messages, options, cancellationToken));

    public static ValueTask DiscardAsync(ChatResponse result) => default;
}
