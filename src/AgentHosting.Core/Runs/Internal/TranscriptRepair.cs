using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>Takes tool calls without a result, and results without a call, out of a conversation: a provider refuses a history that holds one.</summary>
internal static class TranscriptRepair
{
    public static List<ChatMessage> WithoutOrphans(IReadOnlyList<ChatMessage> messages)
    {
        var repaired = new List<ChatMessage>(messages.Count);
        var start = 0;
        while (start < messages.Count)
        {
            var end = EndOfExchange(messages, start);
            // Call ids may repeat over a conversation, so a result answers only a call of its own exchange.
            var calls = Ids<FunctionCallContent>(messages, start, end, call => call.CallId);
            var results = Ids<FunctionResultContent>(messages, start, end, result => result.CallId);
            for (; start < end; start++)
            {
                Add(repaired, messages[start], calls, results);
            }
        }

        return repaired;
    }

    /// <summary>An exchange: what the assistant says in a row, and the tool messages that follow it.</summary>
    private static int EndOfExchange(IReadOnlyList<ChatMessage> messages, int start)
    {
        var end = start;
        while (end < messages.Count && messages[end].Role == ChatRole.Assistant)
        {
            end++;
        }

        while (end < messages.Count && messages[end].Role == ChatRole.Tool)
        {
            end++;
        }

        return Math.Max(end, start + 1);
    }

    private static HashSet<string> Ids<T>(IReadOnlyList<ChatMessage> messages, int start, int end, Func<T, string> idOf)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = start; i < end; i++)
        {
            ids.UnionWith(messages[i].Contents.OfType<T>().Select(idOf));
        }

        return ids;
    }

    private static void Add(List<ChatMessage> repaired, ChatMessage message, HashSet<string> calls, HashSet<string> results)
    {
        List<AIContent> kept =
        [
            .. message.Contents.Where(content => content switch
            {
                FunctionCallContent call => results.Contains(call.CallId),
                FunctionResultContent result => calls.Contains(result.CallId),
                _ => true,
            }),
        ];
        if (kept.Count == message.Contents.Count)
        {
            repaired.Add(message);
        }
        else if (kept.Count > 0)
        {
            var copy = message.Clone();
            copy.Contents = kept;
            repaired.Add(copy);
        }
    }
}
