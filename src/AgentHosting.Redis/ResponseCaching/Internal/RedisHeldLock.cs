using AgentHosting.Redis.Connections.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>A lock that was taken, or may have been; released by its token, so that the lock of the next holder stays.</summary>
internal sealed class RedisHeldLock(RedisConnection connection, RedisKey key) : IAsyncDisposable
{
    private static readonly RedisScript _release = RedisScript.Load("lock-release");

    public RedisKey Key => key;

    public RedisValue Token { get; } = Guid.NewGuid().ToString("N");

    public async ValueTask DisposeAsync() => await connection.EvaluateAsync(_release, [key], [Token], CancellationToken.None);
}
