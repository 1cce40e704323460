using System.Security.Cryptography;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Internal;
using AgentHosting.Redis.PayloadProtection.Internal;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>The shared level of the cache: a string each, which expires by itself.</summary>
internal sealed partial class RedisCacheStore(RedisConnection connection, TimeProvider timeProvider, PayloadSeal seal, ILogger logger) : IDistributedCache
{
    private readonly string _prefix = $"{connection.Options.KeyPrefix}:cache:";
    private readonly ILogger _logger = logger;

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        byte[]? stored = await (await OpenAsync(token)).StringGetAsync(_prefix + key).WaitAsync(connection.Options.CommandTimeout, timeProvider, token);
        if (stored is null)
        {
            return null;
        }

        try
        {
            return seal.Unprotect(stored, Context(key));
        }
        catch (CryptographicException exception)
        {
            // As if it were not there: the model is asked, and its answer takes the place.
            LogUnreadable(exception, key);
            return null;
        }
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var lifetime = options.AbsoluteExpirationRelativeToNow ?? options.SlidingExpiration ?? (options.AbsoluteExpiration - timeProvider.GetUtcNow());
        await (await OpenAsync(token)).StringSetAsync(_prefix + key, seal.Protect(value, Context(key)), lifetime is { } time ? new Expiration(time) : Expiration.Default).WaitAsync(connection.Options.CommandTimeout, timeProvider, token);
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

    private static PayloadContext Context(string key) => new() { Kind = PayloadKinds.CachedAnswer, Key = key };

    [LoggerMessage(
        RedisEventIds.CachedAnswerUnreadable, LogLevel.Warning, "Cached answer {Key} cannot be unprotected. The model is asked instead. " + PayloadSeal.HowToSet, EventName = "RedisCachedAnswerUnreadable")]
    private partial void LogUnreadable(Exception exception, string key);

    private async ValueTask<IDatabase> OpenAsync(CancellationToken cancellationToken)
    {
        connection.ThrowIfRefused();
        return (await connection.GetAsync(cancellationToken)).GetDatabase();
    }
}
