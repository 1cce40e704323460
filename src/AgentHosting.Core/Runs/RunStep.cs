namespace AgentHosting.Runs;

/// <summary>One journaled step of a run. Written once, when the step has ended.</summary>
public sealed class RunStep
{
    /// <summary>
    /// The ordinal of the model call (from 1), <c>ordinal.position</c> for a tool call of its response (position from 0), <c>s1</c>, <c>s2</c>… for what the code of an agent did,
    /// <c>1.0/s1</c>… for what the code of a tool did, <c>0</c> for what the run began from.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>What the step was.</summary>
    public required RunStepKind Kind { get; init; }

    /// <summary>The agent's name for a model call, the tool's name for a tool call, the name that the code gave for anything else.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the model that served the call.</summary>
    public string? Model { get; init; }

    /// <summary>What the model call used; <see langword="null"/> for tools and where the provider reported nothing.</summary>
    public AgentRunUsage? Usage { get; init; }

    /// <summary>What the model call cost; <see langword="null"/> where usage or price is unknown.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The attempt that executed the step, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>How long the step took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether it has done, or may have done, what cannot be taken back or done twice: a tool was called that neither is idempotent nor only reads.</summary>
    public bool HasEffects { get; init; }

    /// <summary>Whether a later attempt began after the step was done, so that it was replayed instead of done again. Set by the store for readers.</summary>
    public bool Replayed { get; init; }

    /// <summary>The version of the journal's format in which the payload is. A worker that knows older ones only does not get the run.</summary>
    /// <value>The default is 1.</value>
    public int Version { get; init; } = 1;

    /// <summary>A hash over what the step was given, by which a replay is checked; <see langword="null"/> for steps without one and in snapshots for readers.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The result in the journal's format, from which a later attempt replays the step. Empty in snapshots for readers. The store may keep this memory: do not change it afterwards.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
