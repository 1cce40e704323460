namespace AgentHosting.Runs;

/// <summary>A run that a worker has claimed, with all it needs to execute it.</summary>
public sealed class ClaimedRun
{
    /// <summary>The claim.</summary>
    public required RunLease Lease { get; init; }

    /// <summary>The run.</summary>
    public required AgentRun Run { get; init; }

    /// <summary>The steps of earlier attempts, with their payloads.</summary>
    public required IReadOnlyList<RunStep> Journal { get; init; }

    /// <summary>The conversation before this run; <see langword="null"/> without a session.</summary>
    public SessionTranscript? Session { get; init; }

    /// <summary>The keys of steps that an earlier attempt began to show to watchers and did not finish.</summary>
    public IReadOnlyList<string> UnfinishedSteps { get; init; } = [];

    /// <summary>What earlier attempts noted of steps that are not in the journal.</summary>
    public IReadOnlyList<RunStepNote> Notes { get; init; } = [];

    /// <summary>The W3C <c>traceparent</c> of the submitter.</summary>
    public string? TraceParent { get; init; }
}
