using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>The one rule of what is an answer, streamed or not: it ends with a finish reason.</summary>
internal static class CompleteAnswer
{
    public const string Empty = "The answer ended without content and without a finish reason.";

    public const string Unfinished =
        "The answer ended without a finish reason: it may be cut. If the provider never sends one, put UseAssumedFinishReason directly above its client.";

    /// <summary>Whether a response is a whole answer.</summary>
    public static bool Is(ChatResponse response) => response.FinishReason is not null;

    /// <summary>A response that is a whole answer.</summary>
    /// <exception cref="StreamInterruptedException">It is none. The exception carries what there is of it.</exception>
    public static ChatResponse Checked(ChatResponse response)
    {
        if (Is(response))
        {
            return response;
        }

        foreach (var message in response.Messages)
        {
            if (StreamContent.HasContent(message.Contents))
            {
                throw new StreamInterruptedException(Unfinished) { PartialText = response.Text, PartialUsage = response.Usage };
            }
        }

        throw new StreamInterruptedException(Empty) { PartialUsage = response.Usage };
    }
}
