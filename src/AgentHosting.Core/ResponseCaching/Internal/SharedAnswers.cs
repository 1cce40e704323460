using System.Text.Json;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// The answers that replicas share, in a <see cref="HybridCache"/>. It may fail and be slow: a call then goes on without, and after some failures in a
/// row it is left alone for a while.
/// </summary>
internal sealed partial class SharedAnswers
{
    private readonly HybridCache _cache;
    private readonly IResponseCacheLock? _lock;
    private readonly ResponseCacheOptions _options;
    private readonly ResponseCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HybridCacheEntryOptions _read;
    private readonly HybridCacheEntryFlags _local;
    private readonly Lock _gate = new();
    private readonly long _start;
    private int _failures;
    private long _openUntil;
    private bool _isOut;

    public SharedAnswers(
        HybridCache cache, IResponseCacheLock? @lock, ResponseCacheOptions options, ResponseCacheMetrics metrics, TimeProvider time, ILogger logger)
    {
        _cache = cache;
        _lock = @lock;
        _options = options;
        _metrics = metrics;
        _time = time;
        _start = time.GetTimestamp();
        _logger = logger;
        // What this process keeps, it keeps itself: parsed, and bounded in bytes.
        _local = options.SizeLimit > 0 ? HybridCacheEntryFlags.DisableLocalCache : HybridCacheEntryFlags.None;
        _read = new HybridCacheEntryOptions { Flags = _local | HybridCacheEntryFlags.DisableUnderlyingData };
    }

    public bool HasLock => _lock is not null;

    public async ValueTask<StoredAnswer?> ReadAsync(RequestKey key, CancellationToken cancellationToken)
    {
        var bytes = await TryAsync(
            static (self, key, token) => self._cache.GetOrCreateAsync(
                key.Shared, static _ => ValueTask.FromResult<byte[]?>(null), self._read, cancellationToken: token),
            key,
            cancellationToken);
        if (bytes is null)
        {
            return null;
        }

        try
        {
            return AnswerFormat.Read(bytes) is { } stored && stored.ExpiresAt > _time.GetUtcNow().ToUnixTimeMilliseconds() ? stored : null;
        }
        catch (JsonException exception)
        {
            LogUnreadable(exception, key.Shared);
            _metrics.Failed();
            return null;
        }
    }

    public async Task WriteAsync(RequestKey key, CachedAnswer answer, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var bytes = AnswerFormat.Write(answer, expiresAt);
        if (bytes.Length > _options.MaxEntryBytes)
        {
            return;
        }

        var timeToLive = expiresAt - _time.GetUtcNow();
        if (timeToLive <= TimeSpan.Zero)
        {
            return;
        }

        var options = new HybridCacheEntryOptions { Expiration = timeToLive, LocalCacheExpiration = timeToLive, Flags = _local };
        await TryAsync(
            static async (self, state, token) =>
            {
                await self._cache.SetAsync(state.key.Shared, state.bytes, state.options, cancellationToken: token);
                return true;
            },
            (key, bytes, options),
            cancellationToken);
    }

    /// <summary>Tries to become the replica that asks.</summary>
    /// <returns>Whether the caller may ask, and what to dispose once it has. A lock that fails lets everybody ask.</returns>
    public async ValueTask<(bool MayAsk, IAsyncDisposable? Lock)> TryLockAsync(RequestKey key, CancellationToken cancellationToken)
    {
        if (_lock is null)
        {
            return (true, null);
        }

        var outcome = await TryAsync(
            static async (self, key, token) =>
            {
                var held = await self._lock!.TryAcquireAsync(key.Shared, self._options.LockLease, token);
                if (held is not null && token.IsCancellationRequested)
                {
                    // Nobody waits for it any more: kept, it would hold up the other replicas until its lease ends.
                    await held.DisposeAsync();
                    held = null;
                }

                return (Answered: true, Held: held);
            },
            key,
            cancellationToken);
        return (!outcome.Answered || outcome.Held is not null, outcome.Held);
    }

    public async Task UnlockAsync(IAsyncDisposable held) =>
        await TryAsync(
            static async (_, held, _) =>
            {
                await held.DisposeAsync();
                return true;
            },
            held,
            CancellationToken.None);

    private async ValueTask<TResult?> TryAsync<TState, TResult>(
        Func<SharedAnswers, TState, CancellationToken, ValueTask<TResult>> call, TState state, CancellationToken cancellationToken)
    {
        if (!MayTry())
        {
            return default;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<TResult>? task = null;
        try
        {
            task = call(this, state, patience.Token).AsTask();
            var result = task.IsCompletedSuccessfully ? task.Result : await task.WaitAsync(_options.StoreTimeout, _time, cancellationToken);
            Succeeded();
            return result;
        }
        catch (Exception exception)
        {
            // A slow store is told to stop, also when the caller has left, since the link to its token may go before it is used.
            // What becomes of it is of no interest any more, but must not end up unobserved.
            _ = task?.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            CancellationFault.Observe(patience.CancelAsync());
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            Failed(exception);
            return default;
        }
    }

    private bool MayTry()
    {
        if (Volatile.Read(ref _openUntil) == 0)
        {
            return true;
        }

        lock (_gate)
        {
            var now = Now();
            if (_openUntil == 0)
            {
                return true;
            }

            if (now < _openUntil)
            {
                return false;
            }

            // One call tries; until it has, the others stay away.
            _openUntil = now + _options.StoreBreakDuration.Ticks;
            return true;
        }
    }

    private void Succeeded()
    {
        if (Volatile.Read(ref _failures) == 0 && !Volatile.Read(ref _isOut))
        {
            return;
        }

        lock (_gate)
        {
            _failures = 0;
            _openUntil = 0;
            if (_isOut)
            {
                _isOut = false;
                LogRecovered();
            }
        }
    }

    private void Failed(Exception exception)
    {
        _metrics.Failed();
        lock (_gate)
        {
            _failures++;
            if (_failures >= _options.StoreFailureThreshold)
            {
                _openUntil = Now() + _options.StoreBreakDuration.Ticks;
            }

            if (!_isOut)
            {
                _isOut = true;
                LogOutage(exception);
            }
        }
    }

    // Timestamps, and not the time of day: a clock that is set back must not keep the store out.
    private long Now() => _time.GetElapsedTime(_start).Ticks;
}
