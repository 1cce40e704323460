namespace AgentHosting.SpendLedgers;

/// <summary>How a request ended that was paid for.</summary>
public enum SpendOutcome
{
    /// <summary>The answer is complete.</summary>
    Completed,

    /// <summary>The provider, or the way to it, failed.</summary>
    Failed,

    /// <summary>The caller gave up, or stopped reading.</summary>
    Cancelled,

    /// <summary>The stream reached what was reserved for it and was ended.</summary>
    Stopped,

    /// <summary>Nobody settled it: its process died, or a later attempt took its place. A settlement that comes late replaces it.</summary>
    Expired,
}
