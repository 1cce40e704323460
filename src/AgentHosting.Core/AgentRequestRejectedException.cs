namespace AgentHosting;

/// <summary>A request that AgentHosting itself refused, before or instead of a model call.</summary>
/// <remarks>A refusal is never retried on the same model and never counted as a failure of the model.</remarks>
public class AgentRequestRejectedException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public AgentRequestRejectedException()
        : base("The request was rejected.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public AgentRequestRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public AgentRequestRejectedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>How long to wait before the same request can succeed; <see langword="null"/> when unknown or never.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
