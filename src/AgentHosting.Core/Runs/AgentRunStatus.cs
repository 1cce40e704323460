namespace AgentHosting.Runs;

/// <summary>The life of a run. <see cref="Succeeded"/> and everything after it are terminal and never change.</summary>
public enum AgentRunStatus
{
    /// <summary>Accepted; waits for a worker, for its delay, or for an earlier run of its session.</summary>
    Queued = 0,

    /// <summary>A worker holds its lease.</summary>
    Running = 1,

    /// <summary>Waits for an answer, for example an approval, and holds nothing meanwhile.</summary>
    Waiting = 2,

    /// <summary>Ended with a result.</summary>
    Succeeded = 10,

    /// <summary>Ended with an error.</summary>
    Failed = 11,

    /// <summary>Ended because somebody cancelled it.</summary>
    Cancelled = 12,

    /// <summary>Ended because it was not done in time.</summary>
    Expired = 13,
}
