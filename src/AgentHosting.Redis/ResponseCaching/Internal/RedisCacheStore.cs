using AgentHosting.Redis.Connections.Internal;
using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>The shared level of the cache: a string each, which expires by itself.</summary>
internal sealed class RedisCacheStore(RedisConnection connection, TimeProvider timeProvider) : IDistributedCache
{
    private readonly string _prefix = $"{connection.Options.KeyPrefix}:cache:";

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await (await OpenAsync(token)).StringGetAsync(_prefix + key).WaitAsync(connection.Options.CommandTimeout, timeProvider, token);

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var lifetime = options.AbsoluteExpirationRelativeToNow ?? options.SlidingExpiration ?? (options.AbsoluteExpiration - timeProvider.GetUtcNow());
        await (await OpenAsync(token)).StringSetAsync(_prefix + key, value, lifetime is { } time ? new Expiration(time) : Expiration.Default).WaitAsync(connection.Options.CommandTimeout, timeProvider, token);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default) =>
        await (await OpenAsync(token)).KeyDeleteAsync(_prefix + key).WaitAsync(connection.Options.CommandTimeout, timeProvider, token);

    // Nothing slides.
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public byte[]? Get(string key) => GetAsync(key).GetAwaiter().GetResult();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => SetAsync(key, value, options).GetAwaiter().GetResult();

    public void Remove(string key) => RemoveAsync(key).GetAwaiter().GetResult();

    public void Refresh(string key)
    {
    }

    private async ValueTask<IDatabase> OpenAsync(CancellationToken cancellationToken)
    {
        connection.ThrowIfRefused();
        return (await connection.GetAsync(cancellationToken)).GetDatabase();
    }
}
