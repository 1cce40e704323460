using StackExchange.Redis;

namespace AgentHosting.Redis.Connections.Internal;

/// <summary>Where the connection comes from: settings, from which the host opens and closes one of its own, or one that was handed over.</summary>
internal sealed class RedisSource
{
    private readonly ConfigurationOptions? _configuration;
    private readonly IConnectionMultiplexer? _multiplexer;

    public RedisSource(ConfigurationOptions configuration) => _configuration = configuration;

    public RedisSource(IConnectionMultiplexer multiplexer) => _multiplexer = multiplexer;

    /// <summary>Whether the host closes it.</summary>
    public bool IsOwned => _configuration is not null;

    public async Task<IConnectionMultiplexer> OpenAsync(RedisOptions options)
    {
        if (_multiplexer is not null)
        {
            return _multiplexer;
        }

        var configuration = _configuration!.Clone();
        configuration.AsyncTimeout = configuration.SyncTimeout = (int)Math.Clamp(options.CommandTimeout.TotalMilliseconds, 1, int.MaxValue);
        // Scripts publish, and know of no prefix but the host's own.
        configuration.ChannelPrefix = default;
        // A server that is down when the host starts is waited for, as it is later.
        configuration.AbortOnConnectFail = false;
        configuration.ClientName ??= "AgentHosting";
        // A thread that writes and one that reads for each server, in place of the pool's: leases are renewed also while tools block every thread of the pool. There is no such setting for
        // one connection; it holds for those that the process opens from now on.
        ConnectionMultiplexer.SetFeatureFlag("DedicatedThreads", true);
        return await ConnectionMultiplexer.ConnectAsync(configuration);
    }
}
