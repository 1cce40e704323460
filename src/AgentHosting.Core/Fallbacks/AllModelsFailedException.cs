namespace AgentHosting.Fallbacks;

/// <summary>
/// All models that were tried failed: more than one, or the only one that may answer since its provider keeps the history. The inner exception is that of the
/// first, which the caller asked for.
/// </summary>
public class AllModelsFailedException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public AllModelsFailedException()
        : base("All models failed.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public AllModelsFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public AllModelsFailedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The models that were tried, in the order in which they failed.</summary>
    public IReadOnlyList<FallbackAttempt> Attempts { get; init; } = [];

    /// <summary>The models that were not tried, by name, and why.</summary>
    public IReadOnlyDictionary<string, string> Skipped { get; init; } = new Dictionary<string, string>();

    /// <summary>The shortest wait that one of the attempts asks for; <see langword="null"/> when none does.</summary>
    public TimeSpan? RetryAfter => Attempts.Min(static attempt => attempt.Failure.RetryAfter);
}
