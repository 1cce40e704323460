using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.PayloadProtection.Internal;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.MicrosoftHybridCache;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>The cache of hosts that have none of their own: FusionCache over the host's connection, known to nobody but as a <see cref="HybridCache"/>.</summary>
internal sealed class RedisHybridCache : IDisposable
{
    // Copies in this process: an entry counts as one, whatever its size.
    private const int MaxCopies = 4096;
    private readonly MemoryCache _copies = new(new MemoryCacheOptions { SizeLimit = MaxCopies });
    private readonly RedisCacheBackplane _backplane;
    private readonly FusionCache _cache;

    public RedisHybridCache(RedisConnection connection, TimeProvider timeProvider, ILogger<FusionCache> logger, IPayloadProtector? protector = null)
    {
        var options = new FusionCacheOptions
        {
            CacheName = "AgentHosting",
            DefaultEntryOptions = new FusionCacheEntryOptions
            {
                Size = 1,
                // The response cache counts what fails, and leaves a store that fails alone for a while.
                ReThrowDistributedCacheExceptions = true,
            },
        };
        options.TagsDefaultEntryOptions.Size = 1;
        _cache = new FusionCache(options, _copies, logger);
        _cache.SetupDistributedCache(new RedisCacheStore(connection, timeProvider, new PayloadSeal(protector, connection.Options.ProtectPayloads), logger), new RedisCacheSerializer());
        _backplane = new RedisCacheBackplane(connection, timeProvider, _copies.Clear, logger);
        _cache.SetupBackplane(_backplane);
        Cache = new FusionHybridCache(_cache);
    }

    public HybridCache Cache { get; }

    public void Dispose()
    {
        _cache.Dispose();
        _backplane.Dispose();
        _copies.Dispose();
    }
}
