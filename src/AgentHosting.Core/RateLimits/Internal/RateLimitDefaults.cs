namespace AgentHosting.RateLimits.Internal;

internal static class RateLimitDefaults
{
    public const int MaxKeys = 100_000;
    public const int QueueLimit = 1000;
    public const int MaxOutputTokens = 4096;
}
