using AgentHosting.Failures.Internal;

namespace AgentHosting.Failures;

/// <summary>The one place that says what an exception of a chat client means.</summary>
public static class ChatFailureClassifier
{
    /// <summary>Classifies a failure.</summary>
    /// <param name="exception">What the chat client threw.</param>
    /// <param name="timeProvider">The clock against which an HTTP date in <c>Retry-After</c> is read.</param>
    /// <param name="cancellationToken">The caller's own token: tells a cancellation by the caller from one that came from elsewhere.</param>
    /// <returns>The classified failure.</returns>
    public static ChatFailure Classify(Exception exception, TimeProvider timeProvider, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(timeProvider);
        if (cancellationToken.IsCancellationRequested && IsCancellation(exception))
        {
            return new ChatFailure { Kind = ChatFailureKind.Cancelled, Exception = exception };
        }

        return exception switch
        {
            ContextWindowExceededException => new ChatFailure { Kind = ChatFailureKind.ContextWindow, Exception = exception },
            AgentRequestRejectedException rejected => new ChatFailure { Kind = ChatFailureKind.Rejected, Exception = exception, RetryAfter = rejected.RetryAfter },
            ChatTimeoutException => new ChatFailure { Kind = ChatFailureKind.TimedOut, Exception = exception },
            StreamInterruptedException => new ChatFailure { Kind = ChatFailureKind.Transient, Exception = exception },
            _ => ProviderFailure.Classify(exception, timeProvider),
        };
    }

    // Some clients wrap the cancellation in an exception of their own.
    private static bool IsCancellation(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is OperationCanceledException)
            {
                return true;
            }
        }

        return false;
    }
}
