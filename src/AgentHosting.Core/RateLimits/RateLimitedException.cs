namespace AgentHosting.RateLimits;

/// <summary>A request that does not fit into a rate limit of this host. Nothing was sent, stored or counted.</summary>
public sealed class RateLimitedException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RateLimitedException()
        : base("The rate limit does not admit the request.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public RateLimitedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public RateLimitedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whose limit.</summary>
    public RateLimitScope Scope { get; init; }

    /// <summary>The name of the model or user; empty for all.</summary>
    public string ScopeId { get; init; } = "";

    /// <summary>What is counted.</summary>
    public RateLimitUnit Unit { get; init; }

    /// <summary>The most in any stretch of <see cref="Window"/>.</summary>
    public long Limit { get; init; }

    /// <summary>The length of the sliding window.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>What the request would have taken.</summary>
    public long Requested { get; init; }

    /// <summary>What is left.</summary>
    public long Available { get; init; }
}
