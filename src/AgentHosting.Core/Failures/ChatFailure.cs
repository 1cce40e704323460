using AgentHosting.Failures.Internal;

namespace AgentHosting.Failures;

/// <summary>A classified failure of a model call.</summary>
public sealed class ChatFailure
{
    /// <summary>What it means.</summary>
    public required ChatFailureKind Kind { get; init; }

    /// <summary>The exception that was classified.</summary>
    public required Exception Exception { get; init; }

    /// <summary>How long the provider asks to wait, from the response that failed.</summary>
    /// <value><see langword="null"/> when it says nothing.</value>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status, when there was a response.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The provider's error code, for example <c>context_length_exceeded</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Whether the same request to the same model may succeed later.</summary>
    public bool IsRetryable => Kind is ChatFailureKind.Transient or ChatFailureKind.RateLimited or ChatFailureKind.TimedOut;

    /// <summary>
    /// Whether the failure says something about the health of the model, so that a breaker counts it. An exception that speaks of a mistake in a program
    /// (<see cref="ArgumentException"/>, <see cref="InvalidOperationException"/>, <see cref="NotSupportedException"/>, <see cref="NullReferenceException"/> and
    /// the like) says nothing: one caller's wrong request must not take the model from all.
    /// </summary>
    public bool IsHealthSignal => Kind switch
    {
        ChatFailureKind.Transient or ChatFailureKind.RateLimited or ChatFailureKind.TimedOut => true,
        ChatFailureKind.Unknown => !ProgramError.Is(Exception),
        _ => false,
    };
}
