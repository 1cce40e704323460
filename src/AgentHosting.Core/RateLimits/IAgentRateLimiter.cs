namespace AgentHosting.RateLimits;

/// <summary>Counts what was admitted in sliding windows of time, over many limits in one atomic step.</summary>
/// <remarks>
/// Rules for every implementation, checked by the compliance suite: what is admitted in any stretch of a window's length is at most the limit; a request that does
/// not fit into one of its limits takes nothing from any; whoever waits as long as <see cref="RateLimitDecision.RetryAfter"/> says is admitted, if nobody else took
/// something meanwhile; time is the limiter's own and only moves forward. Counts are kept by key and window, not by limit: another limit forgets nothing.
/// </remarks>
public interface IAgentRateLimiter
{
    /// <summary>Takes from all limits of a request, or from none. Returns at once, without waiting until it fits.</summary>
    /// <param name="request">The limits and what to take of each.</param>
    /// <param name="cancellationToken">Stops waiting for the limiter.</param>
    /// <returns>Whether it was taken; if not, which limit refused and when it will fit.</returns>
    /// <exception cref="ArgumentException">The request has a key and a window twice, or an amount or window out of its range.</exception>
    ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces what an admitted request took by what it really used. The correction lands in the slice of time in which it was taken; once that is over, it changes nothing.
    /// What was used beyond a limit keeps later requests out until it is forgotten. To be called once at most for a key of a decision.
    /// </summary>
    /// <param name="decision">The decision that admitted it.</param>
    /// <param name="key">The key of the demand; the demands of all windows of this key are corrected.</param>
    /// <param name="actual">What was used, from 0 to <see cref="RateLimitDemand.MaxAmount"/>.</param>
    /// <param name="cancellationToken">Stops waiting for the limiter.</param>
    /// <returns>Whether something was corrected.</returns>
    /// <exception cref="ArgumentException">The decision admitted nothing.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="actual"/> is out of its range.</exception>
    ValueTask<bool> CorrectAsync(RateLimitDecision decision, string key, long actual, CancellationToken cancellationToken = default);
}
