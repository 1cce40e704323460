using AgentHosting.Streaming.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting;

/// <summary>Makes a provider usable whose answers never say why they ended.</summary>
public static class AssumedFinishReasonChatClientBuilderExtensions
{
    /// <summary>
    /// Gives an answer that has content and ends without a finish reason the one it must have had: <c>tool_calls</c> when it calls tools, else <c>stop</c>.
    /// Without this such an answer counts as cut, since that is how a stream looks whose connection broke at a quiet moment. Add it last, directly above the
    /// client of a provider that is known never to send a finish reason: its cut answers can no longer be told from whole ones.
    /// </summary>
    /// <param name="builder">The pipeline.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseAssumedFinishReason(this ChatClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(static inner => new AssumedFinishReasonChatClient(inner));
    }
}
