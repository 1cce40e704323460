namespace AgentHosting.Runs;

/// <summary>An answer to an open wait.</summary>
public sealed class RunAnswer
{
    /// <summary>What was decided, in one word: the same word again is a repetition, another one a conflict.</summary>
    public required string Decision { get; init; }

    /// <summary>What is journaled, in the journal's format. The store may keep this memory: do not change it afterwards.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The version of the journal's format in which the payload is.</summary>
    /// <value>The default is 1.</value>
    public int Version { get; init; } = 1;

    /// <summary>The event that tells watchers.</summary>
    public AgentRunEvent? Event { get; init; }
}
