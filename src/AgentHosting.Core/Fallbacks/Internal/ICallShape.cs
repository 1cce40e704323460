using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>One of the two shapes of a call, up to the point from which no other model may answer.</summary>
internal interface ICallShape<TResult>
{
    static abstract Task<TResult> CallAsync(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken);

    /// <summary>Lets go of a result that nobody will read.</summary>
    static abstract ValueTask DiscardAsync(TResult result);
}
