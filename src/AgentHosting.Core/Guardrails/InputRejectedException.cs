namespace AgentHosting.Guardrails;

/// <summary>A request that the input guard refused. Nothing was sent to a model.</summary>
public sealed class InputRejectedException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public InputRejectedException()
        : base("The input was rejected.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public InputRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public InputRejectedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What was wrong, for example <c>messages[2].contents[0]</c>.</summary>
    public string Field { get; init; } = string.Empty;

    /// <summary>Why, in a word: <c>size</c>, <c>role</c>, <c>content</c>, <c>attachment</c>, <c>characters</c>, <c>injection</c> or <c>validator</c>.</summary>
    public string Reason { get; init; } = string.Empty;
}
