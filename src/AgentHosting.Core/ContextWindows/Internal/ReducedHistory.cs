using AgentHosting.Transcripts.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>Holds a reducer to what always stays: instructions, the latest message of the user, and the results that wait for an answer.</summary>
internal static class ReducedHistory
{
    /// <summary>What the reducer made, with what it should not have left out.</summary>
    /// <exception cref="InvalidOperationException">It left out what the model is to answer.</exception>
    public static List<ChatMessage> Of(IReadOnlyList<ChatMessage> messages, IEnumerable<ChatMessage>? reduced)
    {
        List<ChatMessage> kept = [.. reduced ?? []];
        if (messages.LastOrDefault(IsOfUser) is { } question && !kept.Exists(message => IsOfUser(message) && Holds(message, question)))
        {
            throw new InvalidOperationException("The reducer left out the latest message of the user. Its result was not used. A reducer has to return the messages that are to be answered.");
        }

        // Some reducers leave out all tool messages; without its result the model would call the same tool for ever.
        if (HistoryMap.ExchangesOf(messages) is [.., var last] && last.End == messages.Count)
        {
            var exchange = messages.Skip(last.Start);
            var ids = exchange.SelectMany(IdsOf).ToHashSet();
            var left = kept.SelectMany(IdsOf).ToHashSet();
            if (!left.Overlaps(ids))
            {
                kept.AddRange(exchange);
            }
            else if (!left.IsSupersetOf(ids))
            {
                throw new InvalidOperationException("The reducer took the latest tool calls and their results apart. Its result was not used. A reducer has to keep both or leave out both.");
            }
        }

        kept.InsertRange(0, messages.Where(message => HistoryMap.IsInstruction(message) && !kept.Exists(one => HistoryMap.IsInstruction(one) && Holds(one, message))));
        return kept;
    }

    private static bool IsOfUser(ChatMessage message) => message.Role == ChatRole.User && !ToolContents.IsCarrier(message);

    // It may have copied a message, or added a summary to it.
    private static bool Holds(ChatMessage message, ChatMessage original) => ReferenceEquals(message, original) || message.Text.Contains(original.Text, StringComparison.Ordinal);

    private static IEnumerable<(string Id, bool IsCall)> IdsOf(ChatMessage message)
    {
        foreach (var content in message.Contents)
        {
            if (content is FunctionCallContent call)
            {
                yield return (call.CallId, true);
            }
            else if (content is FunctionResultContent result)
            {
                yield return (result.CallId, false);
            }
        }
    }
}
