namespace AgentHosting.Retries.Internal;

/// <summary>What was decided about a failed attempt.</summary>
internal enum RetryResult
{
    /// <summary>It is made again.</summary>
    Retried,

    /// <summary>The failure is not one that another attempt can mend.</summary>
    NotRetryable,

    /// <summary>The attempts are used up.</summary>
    Exhausted,

    /// <summary>The provider asks for a longer wait than is allowed.</summary>
    RetryAfterTooLong,

    /// <summary>The time for all attempts would pass.</summary>
    OutOfTime,

    /// <summary>The retry budget of the model is used up.</summary>
    BudgetEmpty,
}
