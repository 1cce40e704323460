using AgentHosting.Redis.Connections.Internal;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane;

namespace AgentHosting.Redis.ResponseCaching.Internal;

/// <summary>Tells the other replicas what was replaced or removed, so that they drop their copies. Messages are not kept: whoever was cut off drops all it has.</summary>
internal sealed partial class RedisCacheBackplane(RedisConnection connection, TimeProvider timeProvider, Action dropCopies, ILogger logger)
    : IFusionCacheBackplane, IDisposable
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger = logger;
    private RedisChannel _channel;
    private BackplaneSubscriptionOptions? _options;
    private IConnectionMultiplexer? _multiplexer;

    public void Subscribe(BackplaneSubscriptionOptions options)
    {
        _options = options;
        _channel = RedisChannel.Literal($"{connection.Options.KeyPrefix}:{options.ChannelName}");
        // Not waited for: a server that is down holds nobody up.
        _ = SubscribeAsync(_stop.Token);
    }

    public ValueTask SubscribeAsync(BackplaneSubscriptionOptions options)
    {
        Subscribe(options);
        return ValueTask.CompletedTask;
    }

    public void Unsubscribe() => UnsubscribeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask UnsubscribeAsync()
    {
        await _stop.CancelAsync();
        if (_multiplexer is { } multiplexer)
        {
            _multiplexer = null;
            multiplexer.ConnectionRestored -= OnRestored;
            // The command is of no interest to a host that ends, nor to a connection that is gone.
            await multiplexer.GetSubscriber().UnsubscribeAsync(_channel, flags: CommandFlags.FireAndForget);
        }
    }

    public void Publish(BackplaneMessage message, FusionCacheEntryOptions options, CancellationToken token = default) =>
        PublishAsync(message, options, token).AsTask().GetAwaiter().GetResult();

    public async ValueTask PublishAsync(BackplaneMessage message, FusionCacheEntryOptions options, CancellationToken token = default)
    {
        var multiplexer = await connection.GetAsync(token);
        await multiplexer.GetSubscriber().PublishAsync(_channel, BackplaneMessage.ToByteArray(message)).WaitAsync(connection.Options.CommandTimeout, timeProvider, token);
    }

    public void Dispose() => _stop.Dispose();

    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        for (var isFirst = true; !cancellationToken.IsCancellationRequested; isFirst = false)
        {
            try
            {
                var multiplexer = await connection.GetAsync(cancellationToken);
                var queue = await multiplexer.GetSubscriber().SubscribeAsync(_channel).WaitAsync(connection.Options.CommandTimeout, timeProvider, cancellationToken);
                queue.OnMessage(message => HandleAsync(message.Message));
                multiplexer.ConnectionRestored += OnRestored;
                _multiplexer = multiplexer;
                dropCopies();
                if (cancellationToken.IsCancellationRequested)
                {
                    await UnsubscribeAsync();
                }

                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                if (isFirst)
                {
                    LogSubscriptionFailed(exception);
                }

                await Task.Delay(_again, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task HandleAsync(byte[]? bytes)
    {
        BackplaneMessage message;
        try
        {
            message = BackplaneMessage.FromByteArray(bytes ?? []);
        }
        catch (Exception exception)
        {
            // Of another version, or not ours: something was replaced, and it cannot be told what.
            LogUnreadable(exception);
            dropCopies();
            return;
        }

        await _options!.IncomingMessageHandlerAsync!(message);
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs arguments)
    {
        if (arguments.ConnectionType == ConnectionType.Subscription)
        {
            dropCopies();
            _ = _options!.ConnectHandlerAsync!(new BackplaneConnectionInfo(isReconnection: true)).AsTask();
        }
    }
}
