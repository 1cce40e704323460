namespace AgentHosting.Runs;

/// <summary>The messages of a conversation, turn by turn.</summary>
public sealed class SessionTranscript
{
    /// <summary>The conversation's id, scoped to its owner.</summary>
    public required string SessionId { get; init; }

    /// <summary>Grows by one with every turn.</summary>
    public required long Version { get; init; }

    /// <summary>The turns, oldest first.</summary>
    public required IReadOnlyList<SessionTurn> Turns { get; init; }
}
