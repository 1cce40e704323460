namespace AgentHosting.Runs;

/// <summary>
/// The run store could not be reached, or does not take commands now. The command may have been carried out all the same: repeat it. Every command of <see cref="IRunStore"/> can be repeated
/// without harm; of a submission only one with an idempotency key is recognized.
/// </summary>
public sealed class RunStoreUnavailableException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public RunStoreUnavailableException()
        : base("The run store cannot be reached.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public RunStoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public RunStoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
