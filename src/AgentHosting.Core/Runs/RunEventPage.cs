namespace AgentHosting.Runs;

/// <summary>Some events of a run.</summary>
public sealed class RunEventPage
{
    /// <summary>
    /// The events after the asked number, in order. Where the next one is no longer kept, the first is a
    /// <see cref="AgentRunEventTypes.Snapshot"/> that bears the number of the last event it stands for.
    /// </summary>
    public required IReadOnlyList<AgentRunEvent> Events { get; init; }

    /// <summary>The number of the run's newest event.</summary>
    public required long LastSequence { get; init; }

    /// <summary>Whether the run has ended, so that <see cref="LastSequence"/> is final.</summary>
    public required bool IsTerminal { get; init; }
}
