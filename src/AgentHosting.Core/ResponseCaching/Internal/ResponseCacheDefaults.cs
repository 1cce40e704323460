namespace AgentHosting.ResponseCaching.Internal;

internal static class ResponseCacheDefaults
{
    public const int MaxEntryBytes = 1 << 20;
    public const long SizeLimit = 64L << 20;
    public const int StoreFailureThreshold = 5;
    public const double SemanticThreshold = 0.95;
    public const int SemanticMaxPartitions = 256;
    public const int SemanticMaxEntries = 256;
    public const int SemanticMaxQuestionLength = 512;

    public static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);
    public static readonly TimeSpan LongestTimeToLive = TimeSpan.FromDays(3650);
    public static readonly TimeSpan StoreTimeout = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan StoreBreakDuration = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan LockLease = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan EmbeddingTimeout = TimeSpan.FromSeconds(1);
}
