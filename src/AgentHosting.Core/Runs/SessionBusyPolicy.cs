namespace AgentHosting.Runs;

/// <summary>What happens to a run whose session has another run that is not done.</summary>
public enum SessionBusyPolicy
{
    /// <summary>
    /// It waits for its turn; runs of a session keep the order in which they were submitted. Behind a run that waits for an answer it is refused, unless
    /// <see cref="AgentRunRequest.Supersede"/> says to go on.
    /// </summary>
    Enqueue = 0,

    /// <summary>It is refused.</summary>
    Reject = 1,

    /// <summary>
    /// The first run is cancelled if it has begun, and what it said and did stays in the session. One that has not begun is left, since nobody has answered its message. The new run
    /// waits for its turn.
    /// </summary>
    Interrupt = 2,

    /// <summary>
    /// The first run is cancelled at once, and the session keeps nothing of it, not even its message. It is refused where the run has called a tool with effects:
    /// what was done cannot be taken back. The new run waits for its turn.
    /// </summary>
    Rollback = 3,
}
