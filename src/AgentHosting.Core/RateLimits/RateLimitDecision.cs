namespace AgentHosting.RateLimits;

/// <summary>The answer to a request: the permit to go on, or why not. In the words of <c>System.Threading.RateLimiting</c>, a lease that needs no release.</summary>
public sealed class RateLimitDecision
{
    /// <summary>The request.</summary>
    public required RateLimitRequest Request { get; init; }

    /// <summary>Whether it was taken.</summary>
    public bool IsAcquired => RefusedBy is null;

    /// <summary>When it was taken, by the limiter's own clock, in ticks of <see cref="TimeSpan"/>. Tells a correction its slice of time.</summary>
    public long TakenAt { get; init; }

    /// <summary>The limit into which it did not fit: of several, the one that takes longest. <see langword="null"/> when it was taken.</summary>
    public RateLimitDemand? RefusedBy { get; init; }

    /// <summary>What is left of the limit that refused.</summary>
    public long Available { get; init; }

    /// <summary>After which time it will fit, if nobody else takes something; <see langword="null"/> when it was taken, or when it is larger than the whole limit.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
