namespace AgentHosting.Failures;

/// <summary>
/// A request does not fit the context window of its model, however much of the history is left out. Nothing was sent. Classified as
/// <see cref="ChatFailureKind.ContextWindow"/>, so that a fallback asks a model with a larger window.
/// </summary>
public sealed class ContextWindowExceededException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public ContextWindowExceededException()
        : base("The request does not fit the model's context window.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public ContextWindowExceededException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public ContextWindowExceededException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The model that was to be asked.</summary>
    public string? Model { get; init; }

    /// <summary>How many input tokens the request has at the least, as they were counted.</summary>
    public long RequiredTokens { get; init; }

    /// <summary>How many input tokens there is room for.</summary>
    public long AvailableTokens { get; init; }
}
