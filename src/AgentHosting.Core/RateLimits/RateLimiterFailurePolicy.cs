namespace AgentHosting.RateLimits;

/// <summary>What becomes of a request while the limiter does not answer.</summary>
public enum RateLimiterFailurePolicy
{
    /// <summary>It goes on, uncounted.</summary>
    Allow,

    /// <summary>It is refused.</summary>
    Reject,
}
