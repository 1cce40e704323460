namespace AgentHosting.PayloadProtection;

/// <summary>What is stored of a run, or of a session, cannot be unprotected by this process. The message names it, and what to set.</summary>
public sealed class PayloadProtectionException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public PayloadProtectionException()
        : base("A stored payload cannot be unprotected.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public PayloadProtectionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public PayloadProtectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The run; <see langword="null"/> for a session that is read by itself.</summary>
    public string? RunId { get; init; }
}
