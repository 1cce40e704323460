using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Tests.Servers;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>One server for the tests that do it no harm; each of them has keys of its own.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    private static int _prefixes;
    private RedisServer? _server;

    public string Endpoint => _server!.Endpoint;

    public IConnectionMultiplexer Multiplexer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        Multiplexer = await ConnectionMultiplexer.ConnectAsync(_server.Endpoint);
    }

    /// <summary>Settings with a prefix that nobody else has.</summary>
    public static RedisOptions NewOptions() => new() { KeyPrefix = $"t{Interlocked.Increment(ref _prefixes)}", CommandTimeout = TimeSpan.FromSeconds(30) };

    /// <summary>A connection with keys of its own, whose scripts go by the given clock.</summary>
    internal RedisConnection Connect(TimeProvider? clock = null, RedisOptions? options = null) =>
        new(new RedisSource(Multiplexer), Options.Create(options ?? NewOptions())) { Clock = clock };

    public async ValueTask DisposeAsync()
    {
        await Multiplexer.DisposeAsync();
        await _server!.DisposeAsync();
    }
}
