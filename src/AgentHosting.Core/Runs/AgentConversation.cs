namespace AgentHosting.Runs;

/// <summary>The messages of a conversation, turn by turn, as watchers of its runs saw them.</summary>
public sealed class AgentConversation
{
    /// <summary>The key, in <c>AdditionalProperties</c> of a message, of an answer that was cut off. Its value is <see langword="true"/>.</summary>
    public const string InterruptedProperty = "agenthosting.interrupted";

    /// <summary>The conversation's id, scoped to its owner.</summary>
    public required string SessionId { get; init; }

    /// <summary>Grows by one with every turn.</summary>
    public required long Version { get; init; }

    /// <summary>The turns, oldest first.</summary>
    public required IReadOnlyList<AgentConversationTurn> Turns { get; init; }
}
