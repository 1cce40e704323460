namespace AgentHosting.Runs;

/// <summary>An event from outside that a run waits for, or will.</summary>
public sealed class RunSignal
{
    /// <summary>The name under which the run waits for it.</summary>
    public required string Name { get; init; }

    /// <summary>Names this event: one that is raised again under the same id counts once.</summary>
    /// <value>The default is <see langword="null"/>: every event counts.</value>
    public string? Id { get; init; }

    /// <summary>What is journaled, in the journal's format. The store may keep this memory: do not change it afterwards.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
}
