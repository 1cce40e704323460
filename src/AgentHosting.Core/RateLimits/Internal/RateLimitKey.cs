namespace AgentHosting.RateLimits.Internal;

/// <summary>What is counted, and over which time.</summary>
internal readonly record struct RateLimitKey(string Key, TimeSpan Window);
