namespace AgentHosting.Runs;

/// <summary>What became of a submission.</summary>
public enum RunEnqueueOutcome
{
    /// <summary>The run is accepted.</summary>
    Enqueued = 0,

    /// <summary>The same submission was accepted before, under its id or its idempotency key.</summary>
    Replayed = 1,

    /// <summary>The idempotency key stands for another request.</summary>
    IdempotencyConflict = 2,

    /// <summary>The session is busy and the submission says <see cref="SessionBusyPolicy.Reject"/>.</summary>
    SessionBusy = 3,

    /// <summary>The queue takes no more runs. Nothing was stored.</summary>
    Full = 4,

    /// <summary>The session's first run waits for an answer, and who would queue behind it would wait as long.</summary>
    SessionWaiting = 5,

    /// <summary>The submission says <see cref="SessionBusyPolicy.Rollback"/>, and the session's first run has called a tool with effects.</summary>
    RollbackRefused = 6,
}
