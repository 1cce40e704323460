using System.ComponentModel.DataAnnotations;
using AgentHosting.Failures;
using AgentHosting.Retries.Internal;

namespace AgentHosting.Retries;

/// <summary>When a failed model call is made again on the same model.</summary>
public class RetryOptions
{
    /// <summary>How many times a call is made again after its first attempt.</summary>
    /// <value>The default is 2.</value>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = RetryDefaults.MaxRetries;

    /// <summary>The longest wait before the first retry. It doubles with each retry, and a random part of it is waited (full jitter).</summary>
    /// <value>The default is 500 ms.</value>
    public TimeSpan BaseDelay { get; set; } = RetryDefaults.BaseDelay;

    /// <summary>Where the doubling ends.</summary>
    /// <value>The default is 8 s.</value>
    public TimeSpan MaxDelay { get; set; } = RetryDefaults.MaxDelay;

    /// <summary>
    /// The longest wait that a provider may ask for. When it asks for more, the call fails at once with the original error, so that a fallback can act.
    /// </summary>
    /// <value>The default is 60 s.</value>
    public TimeSpan MaxRetryAfter { get; set; } = RetryDefaults.MaxRetryAfter;

    /// <summary>
    /// How long after the first attempt began a retry may still begin. A wait that would end later is not started; a running attempt is not cut
    /// (<c>UseTimeout</c> does that).
    /// </summary>
    /// <value>The default is <see langword="null"/>: no bound.</value>
    public TimeSpan? TotalTimeout { get; set; }

    /// <summary>
    /// How many retries each call adds to the retry budget of its model, from which each retry takes one: the share of extra load that retries may
    /// cause while everything fails.
    /// </summary>
    /// <value>The default is 0.2.</value>
    [Range(0.0, 10.0)]
    public double BudgetRatio { get; set; } = RetryDefaults.BudgetRatio;

    /// <summary>How many retries the budget of a model holds at most, and at the start.</summary>
    /// <value>The default is 20.</value>
    [Range(1, 100_000)]
    public int BudgetBurst { get; set; } = RetryDefaults.BudgetBurst;

    /// <summary>How many retries a second the budget gains besides, so that a service with few calls keeps its retries.</summary>
    /// <value>The default is 0.5.</value>
    [Range(0.0, 1_000.0)]
    public double BudgetPerSecond { get; set; } = RetryDefaults.BudgetPerSecond;

    /// <summary>
    /// Which failures are retried. Whatever it says, a cancellation by the caller and an <see cref="AgentRequestRejectedException"/> are not, and nothing
    /// is after part of an answer has reached the caller. When it throws, the call is not made again: the caller gets the error of the model, and the log
    /// what was thrown.
    /// </summary>
    /// <value>The default is <see cref="ChatFailure.IsRetryable"/>.</value>
    [Required]
    public Func<ChatFailure, bool> ShouldHandle { get; set; } = static failure => failure.IsRetryable;

    /// <summary>
    /// Called before the wait for a retry. When it throws, the call is not made again: the caller gets the error of the model, and the log what was thrown.
    /// </summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Func<RetryArguments, ValueTask>? OnRetry { get; set; }
}
