namespace AgentHosting.Runs;

/// <summary>A queue that takes no more runs.</summary>
public sealed class RunStoreFullException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RunStoreFullException()
        : base("The queue is full.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public RunStoreFullException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public RunStoreFullException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
