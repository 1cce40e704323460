namespace AgentHosting.Compliance.Model;

/// <summary>The store did what the model does not allow.</summary>
public sealed class RunStoreModelException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public RunStoreModelException()
        : base("The store did what the model does not allow.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public RunStoreModelException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public RunStoreModelException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
