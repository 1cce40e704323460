namespace AgentHosting.Runs;

/// <summary>What became of the wish to run a dead letter again.</summary>
public enum RunRequeueOutcome
{
    /// <summary>A new run is queued.</summary>
    Requeued = 0,

    /// <summary>It was requeued before; that run is named.</summary>
    AlreadyRequeued = 1,

    /// <summary>There is no such run.</summary>
    NotFound = 2,

    /// <summary>The run has not failed, so that there is nothing to repeat.</summary>
    NotFailed = 3,

    /// <summary>The queue takes no more runs.</summary>
    Full = 4,
}
