using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Redis.ResponseCaching.Internal;
using AgentHosting.Redis.Tests.Servers;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.ResponseCaching;

public sealed class RedisResponseCacheLockTests(SharedRedis redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryAcquire_TwoReplicas_OneGetsItUntilItIsReleased()
    {
        var options = SharedRedis.NewOptions();
        var (one, other) = (new RedisResponseCacheLock(redis.Connect(options: options)), new RedisResponseCacheLock(redis.Connect(options: options)));
        var held = await one.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token);
        Assert.NotNull(held);
        Assert.Null(await other.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token));
        Assert.NotNull(await other.TryAcquireAsync("other", TimeSpan.FromMinutes(1), Token));

        await held.DisposeAsync();

        Assert.NotNull(await other.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token));
    }

    [Fact]
    public async Task Dispose_LeaseHasEnded_LeavesTheLockOfTheNextHolder()
    {
        var options = SharedRedis.NewOptions();
        var locks = new RedisResponseCacheLock(redis.Connect(options: options));
        var first = await locks.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token);
        // As the end of its lease does.
        await redis.Multiplexer.GetDatabase().KeyDeleteAsync($"{options.KeyPrefix}:cache-lock:k");
        Assert.NotNull(await locks.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token));

        await first!.DisposeAsync();

        Assert.Null(await locks.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token));
    }

    [Fact]
    public async Task TryAcquire_EndsByItself()
    {
        var options = SharedRedis.NewOptions();
        await new RedisResponseCacheLock(redis.Connect(options: options)).TryAcquireAsync("k", TimeSpan.FromSeconds(30), Token);

        Assert.InRange(
            (await redis.Multiplexer.GetDatabase().KeyTimeToLiveAsync($"{options.KeyPrefix}:cache-lock:k"))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task TryAcquire_AnswerComesTooLate_IsGivenBack()
    {
        await using var server = await RedisServer.StartAsync();
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(server.Endpoint);
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true");
        var options = SharedRedis.NewOptions();
        options.CommandTimeout = TimeSpan.FromMilliseconds(300);
        await using var connection = new RedisConnection(new RedisSource(multiplexer), Options.Create(options));
        var locks = new RedisResponseCacheLock(connection);
        // What comes meanwhile is answered afterwards; the lock is taken then.
        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "60000", "WRITE");
        await Assert.ThrowsAsync<TimeoutException>(async () => await locks.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token));
        await admin.GetDatabase().ExecuteAsync("CLIENT", "UNPAUSE");

        await TestHost.UntilAsync(
            async () =>
            {
                try
                {
                    return await locks.TryAcquireAsync("k", TimeSpan.FromMinutes(1), Token) is not null;
                }
                catch (TimeoutException)
                {
                    return false;
                }
            },
            "the lock is given back");
    }
}
