using AgentHosting.RateLimits;

namespace AgentHosting.Core.Tests.RateLimits;

/// <summary>A limiter whose store is down.</summary>
internal sealed class BrokenLimiter : IAgentRateLimiter
{
    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken = default) => throw new TimeoutException("store");

    public ValueTask<bool> CorrectAsync(RateLimitDecision decision, string key, long actual, CancellationToken cancellationToken = default) => throw new TimeoutException("store");
}
