using System.Net;
using System.Net.Sockets;
using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.Tests.Servers;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests;

public sealed class RedisConnectionTests(SharedRedis redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Evaluate_ScriptThatTheServerHasForgotten_BringsItAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        await using var connection = new RedisConnection(new RedisSource(multiplexer), Microsoft.Extensions.Options.Options.Create(SharedRedis.NewOptions()));
        var script = RedisScript.Load("now");
        await connection.EvaluateAsync(script, ["{a}"], [""], Token);
        await multiplexer.GetServer(server.Endpoint).ScriptFlushAsync();

        var now = (long)await connection.EvaluateAsync(script, ["{a}"], [""], Token);

        Assert.InRange(now, 1_700_000_000_000_000, 1L << 52);
    }

    [Fact]
    public async Task Evaluate_ClockOfTest_IsTheScriptsTime()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var connection = redis.Connect(clock);

        var now = (long)await connection.EvaluateAsync(RedisScript.Load("now"), [$"{{{connection.Options.KeyPrefix}:a}}"], [connection.Now], Token);

        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000, now);
    }

    [Fact]
    public async Task EvaluateIfConnected_ServerIsAway_DoesNotWaitForIt()
    {
        await using var server = await RedisServer.StartAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        await using var connection = new RedisConnection(new RedisSource(multiplexer), Microsoft.Extensions.Options.Options.Create(SharedRedis.NewOptions()));
        await connection.EvaluateIfConnectedAsync(RedisScript.Load("now"), ["{a}"], [""], Token);
        server.Kill();
        await TestHost.UntilAsync(() => Task.FromResult(!multiplexer.IsConnected), "the connection is known to be lost");

        var call = connection.EvaluateIfConnectedAsync(RedisScript.Load("now"), ["{a}"], [""], Token);

        Assert.True(call.IsFaulted, "It waits.");
        await Assert.ThrowsAsync<RedisException>(() => call);
    }

    [Fact]
    public async Task Get_FirstCallerLeaves_TheNextOneGetsTheSameConnection()
    {
        var port = RedisServer.FreePort();
        var source = new RedisSource(ConfigurationOptions.Parse($"127.0.0.1:{port},connectTimeout=1000,connectRetry=1"));
        await using var connection = new RedisConnection(source, Microsoft.Extensions.Options.Options.Create(SharedRedis.NewOptions()));
        using (var silent = new TcpListener(IPAddress.Loopback, port))
        {
            // Takes connections and says nothing, so that opening takes its time.
            silent.Start();
            using var impatient = new CancellationTokenSource();
            var first = connection.GetAsync(impatient.Token).AsTask();
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }

        await using var server = await RedisServer.StartAtAsync(port);

        await TestHost.UntilAsync(async () => (await connection.GetAsync(Token)).IsConnected, "it is connected");

        // What was begun for the first caller is what the second one uses: no other connection of the host exists.
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        var clients = await admin.GetServer(server.Endpoint).ClientListAsync();
        Assert.InRange(clients.Count(static client => client.Name == "AgentHosting"), 1, 2);
    }
}
