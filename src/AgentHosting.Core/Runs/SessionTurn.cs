namespace AgentHosting.Runs;

/// <summary>What one run added to a conversation.</summary>
public sealed class SessionTurn
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The messages in the journal's format.</summary>
    public required ReadOnlyMemory<byte> Messages { get; init; }
}
