using AgentHosting.Redis.Internal;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Redis.ResponseCaching.Internal;

internal sealed partial class RedisCacheBackplane
{
    [LoggerMessage(
        RedisEventIds.CacheSubscriptionFailed, LogLevel.Warning,
        "The cache cannot hear yet which entries other replicas replace. It tries on; meanwhile copies in this process may be out of date.", EventName = "RedisCacheSubscriptionFailed")]
    private partial void LogSubscriptionFailed(Exception exception);

    [LoggerMessage(
        RedisEventIds.CacheMessageUnreadable, LogLevel.Warning, "A message about a replaced cache entry cannot be read. All copies in this process are dropped.",
        EventName = "RedisCacheMessageUnreadable")]
    private partial void LogUnreadable(Exception exception);
}
