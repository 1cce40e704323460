namespace AgentHosting.Runs;

/// <summary>A session that has a run which is not done.</summary>
public sealed class SessionBusyException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public SessionBusyException()
        : base("The session has a run that is not done.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public SessionBusyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public SessionBusyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The run that is not done.</summary>
    public string? RunId { get; init; }

    /// <summary>What that run waits for; <see langword="null"/> where it does not wait for an answer.</summary>
    public string? RequestId { get; init; }

    /// <summary>Why the submission was refused: one of <see cref="SessionBusyCodes"/>.</summary>
    /// <value>The default is <see cref="SessionBusyCodes.Busy"/>.</value>
    public string Code { get; init; } = SessionBusyCodes.Busy;
}
