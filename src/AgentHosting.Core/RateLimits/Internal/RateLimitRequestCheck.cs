namespace AgentHosting.RateLimits.Internal;

/// <summary>What a limiter does not take.</summary>
internal static class RateLimitRequestCheck
{
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    public static void ThrowIfInvalid(RateLimitRequest request)
    {
        var demands = request.Demands;
        for (var i = 0; i < demands.Count; i++)
        {
            var demand = demands[i] ?? throw new ArgumentException($"Demand {i} of the request is null. Leave it out.", nameof(request));
            if (demand.Key is null)
            {
                throw new ArgumentException($"Demand {i} of the request has no key. Say what is counted.", nameof(request));
            }

            if (demand.Permits is < 0 or > RateLimitDemand.MaxAmount || demand.Limit is < 0 or > RateLimitDemand.MaxAmount)
            {
                throw new ArgumentException($"The demand on '{demand.Key}' takes {demand.Permits} of {demand.Limit}. Use amounts from 0 to {RateLimitDemand.MaxAmount}.", nameof(request));
            }

            if (demand.Window < ShortestWindow || demand.Window > LongestWindow)
            {
                throw new ArgumentException($"The window of '{demand.Key}' is {demand.Window}. Use one from {ShortestWindow} to {LongestWindow}.", nameof(request));
            }

            for (var j = 0; j < i; j++)
            {
                if (demands[j].Key == demand.Key && demands[j].Window == demand.Window)
                {
                    throw new ArgumentException($"The request has '{demand.Key}' twice with a window of {demand.Window}. Add up what it takes.", nameof(request));
                }
            }
        }
    }

    public static void ThrowIfInvalid(RateLimitDecision decision, long actual)
    {
        if (!decision.IsAcquired)
        {
            throw new ArgumentException("A refused request has taken nothing that could be corrected.", nameof(decision));
        }

        if (actual is < 0 or > RateLimitDemand.MaxAmount)
        {
            throw new ArgumentOutOfRangeException(nameof(actual), actual, $"Use an amount from 0 to {RateLimitDemand.MaxAmount}.");
        }
    }
}
