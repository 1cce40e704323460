using AgentHosting.Redis.Internal;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Redis.SelfTests.Internal;

internal sealed partial class RedisStartup
{
    [LoggerMessage(RedisEventIds.Verified, LogLevel.Information, "{Server} keeps what this host shares with its replicas.", EventName = "RedisVerified")]
    private partial void LogVerified(string server);

    [LoggerMessage(RedisEventIds.NotReached, LogLevel.Warning, "{Reason} The host has started and is not ready; it tries on.", EventName = "RedisNotReached")]
    private partial void LogNotReached(string reason);

    [LoggerMessage(RedisEventIds.Refused, LogLevel.Error, "{Reason} The host does not use it until that is done.", EventName = "RedisRefused")]
    private partial void LogRefused(string reason);

    [LoggerMessage(
        RedisEventIds.NotPersistent, LogLevel.Warning,
        "Redis has no append-only file: when it is restarted, all that came since its last snapshot is lost: runs, budgets, rate limits, circuits. Set appendonly yes.",
        EventName = "RedisNotPersistent")]
    private partial void LogNotPersistent();

    [LoggerMessage(
        RedisEventIds.EvictionUnknown, LogLevel.Warning,
        "Redis does not tell its maxmemory-policy. See that it is noeviction or a volatile- one: with an allkeys- one it drops accepted runs when its memory is full.",
        EventName = "RedisEvictionUnknown")]
    private partial void LogEvictionUnknown();

    [LoggerMessage(RedisEventIds.ClusterFound, LogLevel.Information, "Redis is a cluster; {Primaries} of its primaries are connected.", EventName = "RedisClusterFound")]
    private partial void LogCluster(int primaries);
}
