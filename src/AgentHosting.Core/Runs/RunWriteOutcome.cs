namespace AgentHosting.Runs;

/// <summary>What became of a fenced write.</summary>
public enum RunWriteOutcome
{
    /// <summary>It is stored.</summary>
    Committed = 0,

    /// <summary>The same write with the same token was stored before: a repeated command does no harm.</summary>
    AlreadyCommitted = 1,

    /// <summary>The lease belongs to somebody else or the run has ended. Nothing was stored.</summary>
    LeaseLost = 2,
}
