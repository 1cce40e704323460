namespace AgentHosting.Retries.Internal;

/// <summary>What was decided about a failed attempt. What was not decided is not made again, so that is the zero value.</summary>
internal enum RetryResult
{
    /// <summary>The failure is not one that another attempt can mend.</summary>
    NotRetryable = 0,

    /// <summary>It is made again.</summary>
    Retried,

    /// <summary>The attempts are used up.</summary>
    Exhausted,

    /// <summary>The provider asks for a longer wait than is allowed.</summary>
    RetryAfterTooLong,

    /// <summary>The time for all attempts would pass.</summary>
    OutOfTime,

    /// <summary>The retry budget of the model is used up.</summary>
    BudgetEmpty,

    /// <summary>A callback of the application threw, so nobody said that it may be made again.</summary>
    CallbackFailed,
}
