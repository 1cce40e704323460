using AgentHosting.Failures;

namespace AgentHosting.Retries.Internal;

/// <summary>Decides whether a failed attempt is made again, and when.</summary>
internal sealed class RetryPolicy(RetryOptions options, TimeProvider timeProvider, Func<double> jitter)
{
    private readonly int _maxRetries = options.MaxRetries;
    private readonly TimeSpan _baseDelay = options.BaseDelay;
    private readonly TimeSpan _maxDelay = options.MaxDelay;
    private readonly TimeSpan _maxRetryAfter = options.MaxRetryAfter;
    private readonly TimeSpan? _totalTimeout = options.TotalTimeout;
    private readonly Func<ChatFailure, bool> _shouldHandle = options.ShouldHandle;

    /// <summary>Whether a call needs to note when it began.</summary>
    public bool HasTotalTimeout => _totalTimeout is not null;

    /// <summary>Decides about one failed attempt.</summary>
    /// <param name="failure">The latest failure.</param>
    /// <param name="attempts">How many attempts have failed, this one included.</param>
    /// <param name="startedAt">When the first began.</param>
    /// <param name="budget">The retry budget of the model.</param>
    /// <param name="delay">How long to wait, when the attempt is made again.</param>
    public RetryResult Decide(ChatFailure failure, int attempts, long startedAt, RetryBudget budget, out TimeSpan delay)
    {
        delay = TimeSpan.Zero;
        if (failure.Kind is ChatFailureKind.Cancelled or ChatFailureKind.Rejected || !_shouldHandle(failure))
        {
            return RetryResult.NotRetryable;
        }

        if (attempts > _maxRetries)
        {
            return RetryResult.Exhausted;
        }

        if (failure.RetryAfter > _maxRetryAfter)
        {
            return RetryResult.RetryAfterTooLong;
        }

        delay = Backoff(attempts);
        if (failure.RetryAfter is { } asked && asked + RetryDefaults.TimerMargin > delay)
        {
            delay = asked + RetryDefaults.TimerMargin;
        }

        if (_totalTimeout is { } total && timeProvider.GetElapsedTime(startedAt) + delay >= total)
        {
            return RetryResult.OutOfTime;
        }

        // Last, so that a retry which is not made takes nothing.
        return budget.TryTake() ? RetryResult.Retried : RetryResult.BudgetEmpty;
    }

    // Full jitter: a random part of the doubled delay, so that callers who failed together do not come back together.
    private TimeSpan Backoff(int attempts)
    {
        var longest = Math.Min(_baseDelay.TotalMilliseconds * Math.Pow(2, attempts - 1), _maxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * jitter());
    }
}
