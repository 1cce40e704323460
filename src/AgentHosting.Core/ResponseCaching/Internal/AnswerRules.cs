using AgentHosting.Failures;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>Which requests and which answers the cache is for.</summary>
internal static class AnswerRules
{
    /// <summary>Whether the answer is final: complete, text, and what was asked for.</summary>
    public static bool MayStore(ChatResponse response)
    {
        if (response.FinishReason != ChatFinishReason.Stop
            || response.ContinuationToken is not null
            || response.ConversationId is not null
            || IsDegraded(response.AdditionalProperties))
        {
            return false;
        }

        var hasText = false;
        for (var i = 0; i < response.Messages.Count; i++)
        {
            var message = response.Messages[i];
            if (message.Role != ChatRole.Assistant || IsDegraded(message.AdditionalProperties))
            {
                return false;
            }

            for (var j = 0; j < message.Contents.Count; j++)
            {
                var content = message.Contents[j];
                if (content is not (TextContent or TextReasoningContent))
                {
                    return false;
                }

                hasText |= content is TextContent { Text.Length: > 0 };
            }
        }

        return hasText;
    }

    /// <summary>Whether tools were called since the user last spoke: what they said is of this moment.</summary>
    public static bool HasToolResultsOfThisTurn(IReadOnlyList<ChatMessage> messages)
    {
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i].Role == ChatRole.Tool)
            {
                return true;
            }

            var contents = messages[i].Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                if (contents[j] is ToolResultContent)
                {
                    return true;
                }
            }

            // Last, since some clients hand tool results back in the user's name.
            if (messages[i].Role == ChatRole.User)
            {
                return false;
            }
        }

        return false;
    }

    private static bool IsDegraded(AdditionalPropertiesDictionary? properties) => properties?.ContainsKey(DegradedResponse.PropertyName) == true;
}
