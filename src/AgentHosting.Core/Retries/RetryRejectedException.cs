namespace AgentHosting.Retries;

/// <summary>
/// A retry that a stage below refused: its budget, rate limit or breaker. The failure that made the retry necessary is the inner exception.
/// </summary>
public sealed class RetryRejectedException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RetryRejectedException()
        : base("A retry was refused.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public RetryRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public RetryRejectedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The refusal, as the stage below threw it.</summary>
    public AgentRequestRejectedException? Rejection { get; init; }
}
