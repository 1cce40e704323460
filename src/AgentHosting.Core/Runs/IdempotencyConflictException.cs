namespace AgentHosting.Runs;

/// <summary>An idempotency key that was used before for another request.</summary>
public sealed class IdempotencyConflictException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public IdempotencyConflictException()
        : base("The idempotency key was used before for another request.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public IdempotencyConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public IdempotencyConflictException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
