namespace AgentHosting.Runs;

/// <summary>How an attempt ends its run for good.</summary>
public sealed class RunCompletion
{
    /// <summary>A terminal status.</summary>
    public required AgentRunStatus Status { get; init; }

    /// <summary>The answer, for <see cref="AgentRunStatus.Succeeded"/>.</summary>
    public string? Result { get; init; }

    /// <summary>The reason, for every other status but <see cref="AgentRunStatus.Cancelled"/>.</summary>
    public AgentRunError? Error { get; init; }

    /// <summary>What the attempt has cost beyond its steps: model calls that failed are paid for too.</summary>
    /// <value>The default is 0.</value>
    public decimal Cost { get; init; }

    /// <summary>The version of the journal's format in which <see cref="SessionMessages"/> are.</summary>
    /// <value>The default is 1.</value>
    public int Version { get; init; } = 1;

    /// <summary>The messages that this run adds to its session, in the journal's format; empty for none. The store may keep this memory: do not change it afterwards.</summary>
    public ReadOnlyMemory<byte> SessionMessages { get; init; }
}
