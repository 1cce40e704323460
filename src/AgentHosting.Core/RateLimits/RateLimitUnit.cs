namespace AgentHosting.RateLimits;

/// <summary>What a limit counts.</summary>
public enum RateLimitUnit
{
    /// <summary>Requests.</summary>
    Requests,

    /// <summary>Tokens, input and output together.</summary>
    Tokens,
}
