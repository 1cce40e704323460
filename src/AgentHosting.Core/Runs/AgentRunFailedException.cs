namespace AgentHosting.Runs;

/// <summary>A run that somebody waited for has ended without a result.</summary>
public sealed class AgentRunFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AgentRunFailedException()
        : base("The run has ended without a result.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    public AgentRunFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public AgentRunFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The run's id.</summary>
    public string? RunId { get; init; }

    /// <summary>How it ended.</summary>
    public AgentRunStatus Status { get; init; }

    /// <summary>Why, where it did not succeed for a reason of its own.</summary>
    public AgentRunError? Error { get; init; }
}
