using AgentHosting.Compliance;
using AgentHosting.RateLimits;
using AgentHosting.Redis.RateLimits.Internal;
using AgentHosting.Redis.Tests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.RateLimits;

public sealed class RedisRateLimiterTests(SharedRedis redis) : RateLimiterCompliance
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Acquire_TwoReplicas_ShareTheLimit()
    {
        var options = SharedRedis.NewOptions();
        IAgentRateLimiter[] replicas = [Replica(options), Replica(options)];
        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => replicas[i % 2].AcquireAsync(Request(Demand("a", 50)), Token).AsTask()));

        Assert.Equal(50, decisions.Count(static decision => decision.IsAcquired));
        var taken = decisions.First(static decision => decision.IsAcquired);
        Assert.True(await replicas[1].CorrectAsync(taken, "a", 0, Token));
        Assert.True((await replicas[0].AcquireAsync(Request(Demand("a", 50)), Token)).IsAcquired);

        RedisRateLimiter Replica(RedisOptions own) => new(redis.Connect(options: own));
    }

    [Fact]
    public async Task Acquire_ClockOfTheServerIsSetBack_CountsOnAndEndsWithTheWindow()
    {
        var clock = new BackwardClock();
        var limiter = new RedisRateLimiter(redis.Connect(clock));
        clock.Now += TimeSpan.FromMinutes(10);
        var taken = await limiter.AcquireAsync(Request(Demand("a", 2, 2)), Token);
        clock.Now -= TimeSpan.FromMinutes(9);

        var refusal = await limiter.AcquireAsync(Request(Demand("a", 2)), Token);

        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(61));
        Assert.True(await limiter.CorrectAsync(taken, "a", 1, Token));
        Assert.True((await limiter.AcquireAsync(Request(Demand("a", 2)), Token)).IsAcquired);
        clock.Now += refusal.RetryAfter.Value;
        Assert.True((await limiter.AcquireAsync(Request(Demand("a", 2, 2)), Token)).IsAcquired);
    }

    [Fact]
    public async Task Acquire_Taken_KeyExpires()
    {
        var options = SharedRedis.NewOptions();
        var limiter = new RedisRateLimiter(redis.Connect(options: options));
        await limiter.AcquireAsync(Request(Demand("a}b{", 5), Demand("c", 5, window: TimeSpan.FromSeconds(1))), Token);

        var database = redis.Multiplexer.GetDatabase();
        Assert.InRange((await database.KeyTimeToLiveAsync($"{{{options.KeyPrefix}:limits}}:{TimeSpan.TicksPerMinute}:a}}b{{"))!.Value, TimeSpan.FromSeconds(61), TimeSpan.FromSeconds(72));
        Assert.InRange((await database.KeyTimeToLiveAsync($"{{{options.KeyPrefix}:limits}}:{TimeSpan.TicksPerSecond}:c"))!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12));
    }

    [Fact]
    public async Task Acquire_NoDemands_IsTaken() => Assert.True((await Limiter.AcquireAsync(Request(), Token)).IsAcquired);

    protected override IAgentRateLimiter CreateLimiter() => new RedisRateLimiter(redis.Connect(_clock));

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    private static RateLimitRequest Request(params RateLimitDemand[] demands) => new() { Demands = demands };

    private sealed class BackwardClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
