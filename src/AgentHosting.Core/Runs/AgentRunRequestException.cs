namespace AgentHosting.Runs;

/// <summary>A run request that is not valid.</summary>
public sealed class AgentRunRequestException : ArgumentException
{
    /// <summary>Creates the exception with a default message.</summary>
    public AgentRunRequestException()
        : base("The run request is not valid.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public AgentRunRequestException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public AgentRunRequestException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What is wrong, by field. Field names are those of the HTTP contract, for example <c>message</c>.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; init; } = new Dictionary<string, string[]>();
}
