using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>What replicas share below their caches, as Redis would be. It can fail, hang and be spoilt.</summary>
internal sealed class SharedStore : IDistributedCache
{
    private readonly ConcurrentDictionary<string, byte[]> _entries = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Fails { get; set; }

    public bool Hangs { get; set; }

    public int Count => _entries.Count;

    public Task Called => _called.Task;

    public void Spoil()
    {
        foreach (var key in _entries.Keys)
        {
            _entries[key] = "garbage"u8.ToArray();
        }
    }

    public byte[]? Get(string key) => throw new NotSupportedException("Ask without blocking.");

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await BeCalledAsync(token);
        return _entries.GetValueOrDefault(key);
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("Store without blocking.");

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await BeCalledAsync(token);
        _entries[key] = value;
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

    private Task BeCalledAsync(CancellationToken token)
    {
        _called.TrySetResult();
        return Fails ? Task.FromException(new IOException("no store"))
            : Hangs ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)
            : Task.CompletedTask;
    }
}
