namespace AgentHosting.Runs;

/// <summary>What an attempt must not lose of a step that is not done yet, such as where the provider keeps the answer that it is working on.</summary>
public sealed class RunStepNote
{
    /// <summary>The <see cref="RunStep.Key"/> of the step.</summary>
    public required string Key { get; init; }

    /// <summary>The version of the journal's format in which the payload is. A worker that knows older ones only does not get the run.</summary>
    /// <value>The default is 1.</value>
    public int Version { get; init; } = 1;

    /// <summary>The note in the journal's format. The store may keep this memory: do not change it afterwards.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
