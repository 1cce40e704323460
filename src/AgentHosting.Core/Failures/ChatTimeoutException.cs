namespace AgentHosting.Failures;

/// <summary>A time limit of AgentHosting passed.</summary>
public class ChatTimeoutException : TimeoutException
{
    /// <summary>Creates the exception with a default message.</summary>
    public ChatTimeoutException()
        : base("A time limit passed.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public ChatTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public ChatTimeoutException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Which limit: <c>attempt</c>, <c>call</c>, <c>first token</c> or <c>idle stream</c>.</summary>
    public string Limit { get; init; } = string.Empty;

    /// <summary>How long it was.</summary>
    public TimeSpan Timeout { get; init; }
}
