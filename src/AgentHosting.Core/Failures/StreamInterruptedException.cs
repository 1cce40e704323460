using Microsoft.Extensions.AI;

namespace AgentHosting.Failures;

/// <summary>
/// A stream that failed after part of it had reached the caller, or an answer, streamed or not, that ended without a finish reason. What the caller has had
/// part of is never restarted silently: what came before is here, and what to do about it is the caller's to say.
/// </summary>
public class StreamInterruptedException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public StreamInterruptedException()
        : base("The stream was interrupted.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public StreamInterruptedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public StreamInterruptedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The text that had come.</summary>
    public string PartialText { get; init; } = string.Empty;

    /// <summary>The usage reported so far, if any.</summary>
    public UsageDetails? PartialUsage { get; init; }
}
