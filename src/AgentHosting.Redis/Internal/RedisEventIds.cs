namespace AgentHosting.Redis.Internal;

/// <summary>The ids of the log messages of this package. An id is never reused.</summary>
internal static class RedisEventIds
{
    // Self-test
    public const int Verified = 5000;
    public const int NotReached = 5001;
    public const int Refused = 5002;
    public const int NotPersistent = 5003;
    public const int EvictionUnknown = 5004;
    public const int ClusterFound = 5005;

    // Response cache
    public const int CacheMessageUnreadable = 5100;
    public const int CacheSubscriptionFailed = 5101;
}
