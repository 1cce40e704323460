using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// A request as it was when its key was computed. A shared call may outlive its caller, and callers use their objects again: sent as they are by then, an
/// answer to another question, of another tenant even, would be stored under the key.
/// </summary>
internal static class RequestSnapshot
{
    /// <summary>Copies messages with their contents. Their types are those that the key covers.</summary>
    public static ChatMessage[] Of(IReadOnlyList<ChatMessage> messages)
    {
        var copies = new ChatMessage[messages.Count];
        for (var i = 0; i < copies.Length; i++)
        {
            var copy = messages[i].Clone();
            copy.AdditionalProperties = copy.AdditionalProperties?.Clone();
            var contents = new List<AIContent>(copy.Contents.Count);
            for (var k = 0; k < copy.Contents.Count; k++)
            {
                contents.Add(CopyOf(copy.Contents[k]));
            }

            copy.Contents = contents;
            copies[i] = copy;
        }

        return copies;
    }

    /// <summary>Copies options, without what is meant for the cache, and with a context of their own.</summary>
    public static ChatOptions? Of(ChatOptions? options, AgentCallContext? context)
    {
        if (options is null)
        {
            return null;
        }

        var copy = ResponseCacheRequest.RemovedFrom(options);
        copy = ReferenceEquals(copy, options) ? options.Clone() : copy!;
        if (context is not null)
        {
            copy.AdditionalProperties![AgentCallContextExtensions.Key] = context;
        }

        return copy;
    }

    public static AIContent CopyOf(AIContent content)
    {
        var copy = content is DataContent data ? CopyOf(data) : (AIContent)MemberwiseClone(content);
        copy.AdditionalProperties = copy.AdditionalProperties?.Clone();
        if (copy.Annotations is { } annotations)
        {
            copy.Annotations = [.. annotations];
        }

        if (copy is FunctionCallContent { Arguments: { } arguments } call)
        {
            call.Arguments = new Dictionary<string, object?>(arguments);
        }

        return copy;
    }

    // Its bytes are the caller's, who may fill the buffer with the next picture.
    private static DataContent CopyOf(DataContent data) => new(data.Data.ToArray(), data.MediaType)
    {
        Name = data.Name,
        AdditionalProperties = data.AdditionalProperties,
        Annotations = data.Annotations,
        RawRepresentation = data.RawRepresentation,
    };

    // Contents have no copy method, and one written here would lose whatever MEAI adds to them.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MemberwiseClone")]
    private static extern object MemberwiseClone(object instance);
}
