namespace AgentHosting.RateLimits.Internal;

/// <summary>What is counted of a request to a model, and under which names.</summary>
internal sealed class ModelRateLimitKeys(string model, string key, long? requestsPerMinute, long? tokensPerMinute)
{
    public string Model => model;

    public bool CountsRequests => requestsPerMinute is not null;

    public bool CountsTokens => tokensPerMinute is not null;

    public string Requests { get; } = $"model:{key}:requests";

    public string Tokens { get; } = $"model:{key}:tokens";

    public RateLimitUnit UnitOf(RateLimitDemand demand) => demand.Key == Tokens ? RateLimitUnit.Tokens : RateLimitUnit.Requests;

    public long TokensOf(RateLimitRequest request) => tokensPerMinute is null ? 0 : request.Demands[^1].Permits;

    public RateLimitRequest Take(long tokens)
    {
        var demands = new List<RateLimitDemand>(2);
        if (requestsPerMinute is { } requests)
        {
            demands.Add(new RateLimitDemand { Key = Requests, Limit = requests });
        }

        if (tokensPerMinute is { } limit)
        {
            demands.Add(new RateLimitDemand { Key = Tokens, Limit = limit, Permits = Math.Min(tokens, RateLimitDemand.MaxAmount) });
        }

        return new RateLimitRequest { Demands = demands };
    }
}
