namespace AgentHosting.Runs;

/// <summary>How a dead letter is given another chance.</summary>
public sealed class RunRequeue
{
    /// <summary>The id of the new run, from <see cref="IRunStore.CreateRunId"/>: a terminal state never changes.</summary>
    public required string NewRunId { get; init; }

    /// <summary>
    /// Whether the new run goes on from the journal of the old one. Without it everything is done, and paid for, again, also what tools have done that cannot be undone;
    /// their idempotency keys are those of the first run all the same.
    /// </summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool KeepJournal { get; init; } = true;

    /// <summary>How long after now the new run expires unless it is done.</summary>
    public required TimeSpan ExpireAfter { get; init; }
}
