namespace AgentHosting.Runs.Internal;

/// <summary>Why an attempt was told to stop before its agent was done.</summary>
internal enum RunStopReason
{
    None = 0,
    Cancelled,
    LeaseLost,
    Expired,
    TimedOut,
    Draining,
    WriteFailed,

    /// <summary>The store could not be reached for so long that another worker may be about to have the run.</summary>
    CutOff,
}
