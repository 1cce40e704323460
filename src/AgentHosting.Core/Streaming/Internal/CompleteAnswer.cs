using System.Diagnostics.CodeAnalysis;
using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>
/// The one rule of what is an answer: a stream ends with a finish reason, since without one it may be cut; a response came whole, so it needs content or a
/// finish reason. One that goes on in the background ends with its token.
/// </summary>
internal static class CompleteAnswer
{
    public const string Empty = "The answer ended without content and without a finish reason.";

    public const string Unfinished =
        "The answer ended without a finish reason: it may be cut. If the provider never sends one, put UseAssumedFinishReason directly above its client.";

    /// <summary>Whether a response is an answer. A client that gives none has not answered.</summary>
    public static bool Is([NotNullWhen(true)] ChatResponse? response)
    {
        if (response is null || response.FinishReason is not null || BackgroundAnswer.GoesOn(response))
        {
            return response is not null;
        }

        for (var i = 0; i < response.Messages.Count; i++)
        {
            if (StreamContent.HasContent(response.Messages[i].Contents))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A response that is an answer.</summary>
    /// <exception cref="StreamInterruptedException">It is none.</exception>
    public static ChatResponse Checked(ChatResponse? response) =>
        Is(response) ? response : throw new StreamInterruptedException(Empty) { PartialUsage = response?.Usage };
}
