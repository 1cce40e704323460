using System.ComponentModel.DataAnnotations;
using AgentHosting.RateLimits.Internal;

namespace AgentHosting.RateLimits;

/// <summary>How many runs the host accepts. Configuration section <c>AgentHosting:RateLimits</c>.</summary>
public class RateLimitOptions
{
    /// <summary>The most runs that one user submits in any minute.</summary>
    /// <value>The default is <see langword="null"/>: no limit.</value>
    [Range(1, 1_000_000_000)]
    public int? UserRequestsPerMinute { get; set; }

    /// <summary>The most runs that all users submit together in any minute.</summary>
    /// <value>The default is <see langword="null"/>: no limit.</value>
    [Range(1, 1_000_000_000)]
    public int? GlobalRequestsPerMinute { get; set; }

    /// <summary>What becomes of a submission while the limiter does not answer. It does not change what model calls do.</summary>
    /// <value>The default is <see cref="RateLimiterFailurePolicy.Allow"/>.</value>
    public RateLimiterFailurePolicy LimiterFailure { get; set; }

    /// <summary>
    /// How many users and models the in-memory limiter counts at once. Beyond it the counts of the one that came last longest ago are forgotten, so that its limit begins anew.
    /// </summary>
    /// <value>The default is 100,000.</value>
    [Range(1, 10_000_000)]
    public int MaxKeys { get; set; } = RateLimitDefaults.MaxKeys;
}
