namespace AgentHosting.Runs;

/// <summary>What became of the wish to wait.</summary>
public sealed class RunWaitResult
{
    /// <summary><see cref="RunWriteOutcome.Committed"/> where the wait is new, <see cref="RunWriteOutcome.AlreadyCommitted"/> where it was open or answered before.</summary>
    public required RunWriteOutcome Outcome { get; init; }

    /// <summary>The answer, where there is one already.</summary>
    public RunStep? Answer { get; init; }
}
