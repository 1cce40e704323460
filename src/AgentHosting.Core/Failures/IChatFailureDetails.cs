namespace AgentHosting.Failures;

/// <summary>Implemented by exceptions of chat clients that know the HTTP response behind them.</summary>
public interface IChatFailureDetails
{
    /// <summary>The HTTP status.</summary>
    int? StatusCode { get; }

    /// <summary>The provider's error code, for example <c>context_length_exceeded</c>.</summary>
    string? ErrorCode { get; }

    /// <summary>Reads a response header.</summary>
    /// <param name="name">The name, case-insensitive.</param>
    /// <returns>The value, or <see langword="null"/>.</returns>
    string? GetHeader(string name);
}
