namespace AgentHosting.Runs.Internal;

/// <summary>Ends an attempt with a code for the run's record. The inner exception is for the log.</summary>
internal sealed class RunFailureException(string code, string message, bool canRetry, Exception? innerException = null)
    : Exception(message, innerException)
{
    public string Code { get; } = code;

    public bool CanRetry { get; } = canRetry;
}
