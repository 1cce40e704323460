namespace AgentHosting.Redis.Internal;

/// <summary>The ids of the log messages of this package. An id is never reused.</summary>
internal static class RedisEventIds
{
    // Self-test
    public const int Verified = 6000;
    public const int NotReached = 6001;
    public const int Refused = 6002;
    public const int NotPersistent = 6003;
    public const int EvictionUnknown = 6004;
    public const int ClusterFound = 6005;

    // Runs
    public const int NotListening = 6200;
    public const int CancellationCallbackFailed = 6201;
    public const int RunUnreadable = 6202;
    public const int UnreadableRunNotFailed = 6203;
    public const int RunPutOff = 6204;

    // Response cache
    public const int CacheMessageUnreadable = 6100;
    public const int CacheSubscriptionFailed = 6101;
    public const int CachedAnswerUnreadable = 6102;
}
