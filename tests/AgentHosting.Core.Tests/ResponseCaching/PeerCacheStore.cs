using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>A distributed cache that can be down, and tells for how long it was asked to keep.</summary>
internal sealed class PeerCacheStore : IDistributedCache
{
    private readonly ConcurrentDictionary<string, byte[]> _entries = new();

    public bool IsDown { get; set; }

    /// <summary>How the latest entry was stored.</summary>
    public DistributedCacheEntryOptions? Entry { get; private set; }

    public byte[]? Get(string key) => IsDown ? throw new IOException("no connection") : _entries.GetValueOrDefault(key);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => (_entries[key], Entry) = (value, options);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Set(key, value, options);
        return Task.CompletedTask;
    }

    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Remove(string key) => _entries.TryRemove(key, out _);

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Remove(key);
        return Task.CompletedTask;
    }
}
