namespace AgentHosting.Runs;

/// <summary>What became of the wish to run a dead letter again.</summary>
public sealed class RunRequeueResult
{
    /// <summary>What was done.</summary>
    public required RunRequeueOutcome Outcome { get; init; }

    /// <summary>The new run, also where an earlier request made it.</summary>
    public string? RunId { get; init; }
}
