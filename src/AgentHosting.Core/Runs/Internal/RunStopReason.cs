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
}
