using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>What in a stream counts as content: once it has reached the caller, no other attempt may answer.</summary>
internal static class StreamContent
{
    public static bool HasContent(ChatResponseUpdate update)
    {
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (IsContent(contents[i]))
            {
                return true;
            }
        }

        return false;
    }

    // Usage, empty text and reasoning that is only an opaque blob show the caller nothing.
    private static bool IsContent(AIContent content) => content switch
    {
        TextContent text => text.Text is { Length: > 0 },
        TextReasoningContent reasoning => reasoning.Text is { Length: > 0 },
        UsageContent => false,
        _ => true,
    };
}
