namespace AgentHosting.Failures;

/// <summary>A call that was refused because its model has been failing, or asked to be left alone for a while.</summary>
/// <remarks>It stands with the failures, and not with the circuit breaker, because a fallback has to tell it from the refusals that say nothing about a provider.</remarks>
public class CircuitOpenException : AgentRequestRejectedException
{
    /// <summary>Creates the exception with a default message.</summary>
    public CircuitOpenException()
        : base("The circuit of the model is open.")
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/>.</summary>
    public CircuitOpenException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with <paramref name="message"/> and its cause.</summary>
    public CircuitOpenException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The model whose circuit is open.</summary>
    public string Model { get; init; } = string.Empty;
}
