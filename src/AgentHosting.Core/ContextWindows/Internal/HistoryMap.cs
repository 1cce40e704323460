using AgentHosting.Transcripts.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>Finds the turns of a repaired history, and the exchanges with tools in it.</summary>
internal static class HistoryMap
{
    private static readonly ChatRole _developer = new("developer");

    public static List<HistoryTurn> TurnsOf(IReadOnlyList<ChatMessage> messages)
    {
        var turns = new List<HistoryTurn>();
        var start = 0;
        for (var i = 1; i < messages.Count; i++)
        {
            // What the user says in several messages in a row is one turn, system messages between them included.
            if (IsOfUser(messages[i]) && !IsOfUser(messages, start, i))
            {
                turns.Add(new HistoryTurn(start, i));
                start = i;
            }
        }

        if (messages.Count > 0)
        {
            turns.Add(new HistoryTurn(start, messages.Count));
        }

        return turns;
    }

    public static List<HistoryExchange> ExchangesOf(IReadOnlyList<ChatMessage> messages)
    {
        var exchanges = new List<HistoryExchange>();
        for (var i = 0; i < messages.Count; i++)
        {
            if (!ToolContents.HasCalls(messages[i]))
            {
                continue;
            }

            var start = i;
            while (i + 1 < messages.Count && ToolContents.IsCarrier(messages[i + 1]))
            {
                i++;
            }

            exchanges.Add(new HistoryExchange(start, i + 1));
        }

        return exchanges;
    }

    /// <summary>Whether the application speaks: some providers call its role <c>developer</c>.</summary>
    public static bool IsInstruction(ChatMessage message) => message.Role == ChatRole.System || message.Role == _developer;

    private static bool IsOfUser(ChatMessage message) => message.Role == ChatRole.User && !ToolContents.IsCarrier(message);

    private static bool IsOfUser(IReadOnlyList<ChatMessage> messages, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (!IsOfUser(messages[i]) && !IsInstruction(messages[i]))
            {
                return false;
            }
        }

        return true;
    }
}
