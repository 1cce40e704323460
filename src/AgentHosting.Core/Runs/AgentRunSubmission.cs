namespace AgentHosting.Runs;

/// <summary>The answer to a submission.</summary>
public sealed class AgentRunSubmission
{
    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>Whether an earlier submission with the same idempotency key had created the run.</summary>
    public bool Replayed { get; init; }
}
