namespace AgentHosting.RateLimits;

/// <summary>A step over several limits: all of it is taken or nothing.</summary>
public sealed class RateLimitRequest
{
    /// <summary>What to take of each limit. No key and window may stand twice.</summary>
    public required IReadOnlyList<RateLimitDemand> Demands { get; init; }
}
