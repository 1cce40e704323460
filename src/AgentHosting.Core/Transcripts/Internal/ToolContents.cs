using Microsoft.Extensions.AI;

namespace AgentHosting.Transcripts.Internal;

/// <summary>Which contents of a message are calls that need a result, and results that need a call.</summary>
internal static class ToolContents
{
    /// <summary>A call that the caller's side answers. What a service has run by itself is only told, and not to be answered.</summary>
    public static bool IsCall(AIContent content) => content is FunctionCallContent { InformationalOnly: false };

    public static bool HasCalls(ChatMessage message)
    {
        if (message.Role != ChatRole.Assistant)
        {
            return false;
        }

        var contents = message.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (IsCall(contents[i]))
            {
                return true;
            }
        }

        return false;
    }

    public static bool HasResults(ChatMessage message)
    {
        var contents = message.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionResultContent)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the message may stand between a call and its result: a tool's, or one that brings results in the user's name, as some clients do.</summary>
    public static bool IsCarrier(ChatMessage message) => message.Role == ChatRole.Tool || (message.Role != ChatRole.Assistant && HasResults(message));

    /// <summary>Whether the message tells of calls that a service ran by itself.</summary>
    public static bool HasToldCalls(ChatMessage message)
    {
        var contents = message.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent { InformationalOnly: true })
            {
                return true;
            }
        }

        return false;
    }
}
