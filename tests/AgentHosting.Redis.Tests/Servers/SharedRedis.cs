using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Tests.Servers;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>One server for the tests that do it no harm; each of them has keys of its own.</summary>
public sealed class SharedRedis : IAsyncLifetime
{
    /// <summary>The commands that the user of a host needs, as docs/redis.md has them.</summary>
    public const string LeastCommands =
        "+append +del +echo +eval +evalsha +exists +get +hdel +hexists +hget +hgetall +hincrby +hkeys +hmget +hset +hsetnx +incr +info +lindex +llen +lpop +lrange +lrem +lset +ltrim "
        + "+pexpire +ping +psetex +pttl +publish +rename +rpush +sadd +set +sinterstore +sismember +smembers +srem +subscribe +sunionstore +time +unlink +unsubscribe +wait "
        + "+zadd +zcard +zcount +zrange +zrangebyscore +zrem +zrevrangebyscore";

    public const string User = "host";
    public const string Password = "secret";

    // HOST:PORT of a running server of another kind, with nothing in it, to use instead: Valkey, Garnet.
    private const string Variable = "AGENTHOSTING_TEST_REDIS";
    private static readonly string? Given = Environment.GetEnvironmentVariable(Variable);
    private static int _prefixes;
    private RedisServer? _server;
    private ConnectionMultiplexer? _restricted;

    public string Endpoint => Given ?? _server!.Endpoint;

    /// <summary>What a host is given: the server, and a user with the least rights, where the server is of these tests.</summary>
    public string HostConfiguration => Given ?? $"{Endpoint},user={User},password={Password}";

    public IConnectionMultiplexer Multiplexer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = Given is null ? await RedisServer.StartAsync() : null;
        // Tests claim on many threads of the pool at once, and wait there.
        ConnectionMultiplexer.SetFeatureFlag("DedicatedThreads", true);
        Multiplexer = await ConnectionMultiplexer.ConnectAsync(Endpoint);
        if (_server is not null)
        {
            await AddUserAsync(Multiplexer, "t");
        }

        _restricted = await ConnectionMultiplexer.ConnectAsync(HostConfiguration);
    }

    /// <summary>Settings with a prefix that nobody else has.</summary>
    public static RedisOptions NewOptions() => new() { KeyPrefix = $"t{Interlocked.Increment(ref _prefixes)}", CommandTimeout = TimeSpan.FromSeconds(30) };

    /// <summary>Makes a user who may do what a host needs, on keys and channels of prefixes that begin so.</summary>
    public static async Task AddUserAsync(IConnectionMultiplexer multiplexer, string prefix) => await multiplexer.GetDatabase().ExecuteAsync(
        "ACL", ["SETUSER", User, "on", $">{Password}", $"~{prefix}*", $"~{{{prefix}*", "resetchannels", $"&{prefix}*", $"&{{{prefix}*", .. LeastCommands.Split(' ')]);

    /// <summary>A connection with keys of its own, by a user with the least rights, whose scripts go by the given clock.</summary>
    internal RedisConnection Connect(TimeProvider? clock = null, RedisOptions? options = null) =>
        new(new RedisSource(_restricted!), Options.Create(options ?? NewOptions())) { Clock = clock };

    public async ValueTask DisposeAsync()
    {
        await _restricted!.DisposeAsync();
        await Multiplexer.DisposeAsync();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
