using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>What in a stream counts as content: once it has reached the caller, no other attempt may answer.</summary>
internal static class StreamContent
{
    public static bool HasContent(ChatResponseUpdate update) => HasContent(update.Contents);

    public static bool HasContent(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (IsContent(contents[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>About how many bytes an update without content keeps alive: what may be long in one is an opaque blob of reasoning, or a property of the provider.</summary>
    public static long SizeWithoutContent(ChatResponseUpdate update)
    {
        long characters = LengthOf(update.AdditionalProperties);
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            characters += ((contents[i] as TextReasoningContent)?.ProtectedData?.Length ?? 0) + LengthOf(contents[i].AdditionalProperties);
        }

        return characters * sizeof(char);
    }

    private static long LengthOf(AdditionalPropertiesDictionary? properties)
    {
        long length = 0;
        if (properties is not null)
        {
            foreach (var (key, value) in properties)
            {
                length += key.Length + value switch
                {
                    string text => text.Length,
                    JsonElement json => json.GetRawText().Length,
                    byte[] bytes => bytes.Length / sizeof(char),
                    _ => 0,
                };
            }
        }

        return length;
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
