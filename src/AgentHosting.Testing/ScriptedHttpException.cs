using System.Globalization;
using AgentHosting.Failures;

namespace AgentHosting.Testing;

/// <summary>
/// What <see cref="ScriptedChatClient"/> throws for <see cref="ScriptedTurn.Fail(int, string?)"/>: a failed HTTP call with its response headers, which
/// <see cref="HttpRequestException"/> alone cannot carry.
/// </summary>
public sealed class ScriptedHttpException : HttpRequestException, IChatFailureDetails
{
    /// <summary>Creates the exception.</summary>
    /// <param name="statusCode">The HTTP status, for example 429.</param>
    /// <param name="message">The provider's error message.</param>
    /// <param name="headers">The response headers; names are compared without case.</param>
    /// <param name="retryAfter">How long the provider asks the caller to wait, if it does.</param>
    /// <param name="errorCode">The provider's error code, for example <c>rate_limit_exceeded</c>.</param>
    public ScriptedHttpException(
        int statusCode,
        string message,
        IReadOnlyDictionary<string, string>? headers = null,
        TimeSpan? retryAfter = null,
        string? errorCode = null)
        : base(message, inner: null, (System.Net.HttpStatusCode)statusCode)
    {
        Headers = new Dictionary<string, string>(headers ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase);
        RetryAfter = retryAfter;
        ErrorCode = errorCode;
    }

    /// <summary>The response headers, by name without case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The wait asked for by <c>retry-after-ms</c> or <c>Retry-After</c>, or <see langword="null"/> if the response names none.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The provider's error code, or <see langword="null"/>.</summary>
    public string? ErrorCode { get; }

    int? IChatFailureDetails.StatusCode => (int?)StatusCode;

    /// <inheritdoc />
    public string? GetHeader(string name) =>
        Headers.TryGetValue(name, out var value) ? value
        : RetryAfter is { } delay && string.Equals(name, "retry-after-ms", StringComparison.OrdinalIgnoreCase)
            ? delay.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)
            : null;
}
