using AgentHosting.Redis.Connections.Internal;
using Microsoft.Extensions.Logging;
using AgentHosting.Redis.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>Hears what scripts publish. Messages may be lost, so that whoever waits looks first, and after a broken connection everybody looks again.</summary>
internal sealed partial class RunWakeUps(RedisConnection connection, RunPartitions partitions, ILogger logger) : IAsyncDisposable
{
    private const string Events = "ev:";
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _lock = new();
    private readonly WaiterRow _work = new();
    private readonly Dictionary<string, WaiterRow> _events = new(StringComparer.Ordinal);
    private Action<string>[] _cancellations = [];
    private IConnectionMultiplexer? _multiplexer;

    public async ValueTask<Waiter> WaitForWorkAsync(CancellationToken cancellationToken)
    {
        await ListenAsync(cancellationToken);
        return _work.Join();
    }

    public async ValueTask<Waiter> WaitForEventsAsync(string runId, CancellationToken cancellationToken)
    {
        var multiplexer = await ListenAsync(cancellationToken);
        Waiter waiter;
        Task subscribed;
        lock (_lock)
        {
            if (!_events.TryGetValue(runId, out var row))
            {
                // Once for all who wait, since it is ended once. Within the lock, so that it comes after an end of the subscription that was asked for before.
                row = new WaiterRow { Subscribed = multiplexer.GetSubscriber().SubscribeAsync(EventsOf(runId), OnEvent) };
                row.Emptied += () => Forget(runId, row);
                _events.Add(runId, row);
            }

            waiter = row.Join();
            subscribed = row.Subscribed;
        }

        try
        {
            await subscribed.WaitAsync(connection.Options.CommandTimeout, TimeProvider.System, cancellationToken);
            return waiter;
        }
        catch
        {
            waiter.Dispose();
            throw;
        }
    }

    public IDisposable SubscribeCancellations(Action<string> onRequested)
    {
        lock (_lock)
        {
            _cancellations = [.. _cancellations, onRequested];
        }

        // Waited for, so that what is cancelled from now on is heard, but not for long: a worker must start without Redis. It runs on threads of its own.
        Task.Run(ListenInBackgroundAsync).Wait(LongestStart);
        return new Subscription(this, onRequested);
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_multiplexer is { } multiplexer)
            {
                multiplexer.ConnectionRestored -= OnRestored;
                // Of one that was handed over, other users may go on.
                foreach (var partition in partitions.All)
                {
                    await multiplexer.GetSubscriber().UnsubscribeAsync(Channel(partition, "work"), OnWork, CommandFlags.FireAndForget);
                    await multiplexer.GetSubscriber().UnsubscribeAsync(Channel(partition, "cancel"), OnCancel, CommandFlags.FireAndForget);
                }

                _multiplexer = null;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private RedisChannel Channel(int partition, string name) => RedisChannel.Literal(partitions.NameOf(partition) + name);

    private RedisChannel EventsOf(string runId) => Channel(partitions.OfRun(runId), Events + runId);

    private async ValueTask<IConnectionMultiplexer> ListenAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _multiplexer) is { } known)
        {
            return known;
        }

        var multiplexer = await connection.GetAsync(cancellationToken);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_multiplexer is null)
            {
                await Task.WhenAll(partitions.All.SelectMany(partition => new[]
                {
                    multiplexer.GetSubscriber().SubscribeAsync(Channel(partition, "work"), OnWork),
                    multiplexer.GetSubscriber().SubscribeAsync(Channel(partition, "cancel"), OnCancel),
                })).WaitAsync(connection.Options.CommandTimeout, TimeProvider.System, cancellationToken);
                multiplexer.ConnectionRestored += OnRestored;
                _multiplexer = multiplexer;
            }

            return multiplexer;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task ListenInBackgroundAsync()
    {
        try
        {
            await ListenAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // A worker that waits for work tries again, and renewals tell of cancellations too.
            LogNotListening(exception);
        }
    }

    private void OnWork(RedisChannel channel, RedisValue count) => _work.Wake(count.TryParse(out long woken) ? woken : 1);

    private void OnEvent(RedisChannel channel, RedisValue message)
    {
        // The name of a partition has no such end of a tag within: options allow no braces.
        var name = (string)channel!;
        var runId = name[(name.IndexOf("}:" + Events, StringComparison.Ordinal) + 2 + Events.Length)..];
        lock (_lock)
        {
            _events.GetValueOrDefault(runId)?.Wake(long.MaxValue);
        }
    }

    private void OnCancel(RedisChannel channel, RedisValue runId)
    {
        foreach (var told in Volatile.Read(ref _cancellations))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Owner.Tell(state.told, state.RunId), (Owner: this, told, RunId: (string)runId!), preferLocal: false);
        }
    }

    private void Forget(string runId, WaiterRow row)
    {
        lock (_lock)
        {
            if (row.IsEmpty && _events.GetValueOrDefault(runId) == row)
            {
                _events.Remove(runId);
                _ = _multiplexer?.GetSubscriber().UnsubscribeAsync(EventsOf(runId), OnEvent, CommandFlags.FireAndForget);
            }
        }
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs arguments)
    {
        _work.Wake(long.MaxValue);
        lock (_lock)
        {
            foreach (var row in _events.Values)
            {
                row.Wake(long.MaxValue);
            }
        }
    }

    private void Tell(Action<string> told, string runId)
    {
        try
        {
            told(runId);
        }
        catch (Exception exception)
        {
            // On this thread it would end the process. The hint is not lost: the next renewal says the same.
            LogSubscriberFailed(exception, runId);
        }
    }

    [LoggerMessage(RedisEventIds.NotListening, LogLevel.Warning, "Redis cannot be listened to yet; cancellations are noticed at renewals until it can.", EventName = "RedisNotListening")]
    private partial void LogNotListening(Exception exception);

    [LoggerMessage(RedisEventIds.CancellationCallbackFailed, LogLevel.Error, "A subscriber failed when it was told to cancel run {RunId}. Its worker learns of it at the next renewal.", EventName = "RedisCancellationCallbackFailed")]
    private partial void LogSubscriberFailed(Exception exception, string runId);

    private sealed class Subscription(RunWakeUps owner, Action<string> told) : IDisposable
    {
        private bool _isDisposed;

        public void Dispose()
        {
            lock (owner._lock)
            {
                if (!_isDisposed)
                {
                    _isDisposed = true;
                    var index = Array.IndexOf(owner._cancellations, told);
                    owner._cancellations = [.. owner._cancellations[..index], .. owner._cancellations[(index + 1)..]];
                }
            }
        }
    }
}
