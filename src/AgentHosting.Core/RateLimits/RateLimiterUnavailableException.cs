namespace AgentHosting.RateLimits;

/// <summary>A request that was refused since the rate limiter does not answer, and <see cref="RateLimiterFailurePolicy.Reject"/> is set. Nothing was sent or stored.</summary>
public sealed class RateLimiterUnavailableException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RateLimiterUnavailableException()
        : base("The rate limiter does not answer.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public RateLimiterUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public RateLimiterUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
