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

        var now = (long)await connection.EvaluateAsync(RedisScript.Load("now"), ["{a}"], [connection.Now], Token);

        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000, now);
    }
}
