using Microsoft.Extensions.AI;

namespace AgentHosting.Runs;

/// <summary>What one run added to a conversation.</summary>
public sealed class AgentConversationTurn
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The user's message and all that followed, each tool call with its result. The arguments of calls are filtered by the host's output guard.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }
}
