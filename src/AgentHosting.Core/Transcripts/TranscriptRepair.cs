using AgentHosting.Transcripts.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Transcripts;

/// <summary>
/// Makes a conversation one that providers take, whatever interrupted it: each tool call is followed at once by exactly one result, and no result stands without its call.
/// </summary>
public static class TranscriptRepair
{
    /// <summary>What a call without a result is answered with. Whether a tool has run is not known then, and the model must not believe that it has not.</summary>
    public const string MissingResult =
        "There is no result: the call was interrupted. Whether it took effect is not known. Check before you repeat it, or ask.";

    /// <summary>
    /// Repairs a conversation. Results that stand elsewhere are moved behind their call, results of no call and second results of one call are taken out, and a call
    /// without a result gets <see cref="MissingResult"/>. Nothing else is changed, and no message that was given is.
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <returns>The list that was given where it needs no repair, without any allocation, else a new one.</returns>
    /// <remarks>
    /// Providers repeat call ids (<c>call_0</c> for ever), so a result answers a call of its own exchange: what the assistant says in a row and the results that follow.
    /// A result that stands anywhere else is taken for that of a call only if the whole conversation has but one call with its id.
    /// </remarks>
    public static IReadOnlyList<ChatMessage> Repair(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return TranscriptCheck.IsWhole(messages) ? messages : new TranscriptRepairer(messages).Repair();
    }
}
