namespace AgentHosting.Redis.Internal;

/// <summary>The event ids of this package's log messages: 3000 to 3099.</summary>
internal static class EventIds
{
    // Runs
    public const int RedisNotListening = 3000;
    public const int RedisCancellationCallbackFailed = 3001;
}
