namespace AgentHosting.Runs;

/// <summary>What a request to cancel did.</summary>
public enum RunCancelOutcome
{
    /// <summary>The run was queued and is cancelled now.</summary>
    Cancelled = 0,

    /// <summary>The run is running; its worker has been told.</summary>
    Requested = 1,

    /// <summary>The run had ended before.</summary>
    AlreadyTerminal = 2,

    /// <summary>There is no such run.</summary>
    NotFound = 3,
}
