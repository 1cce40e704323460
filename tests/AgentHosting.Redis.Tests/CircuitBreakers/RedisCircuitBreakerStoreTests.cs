using AgentHosting.CircuitBreakers;
using AgentHosting.Compliance;
using AgentHosting.Redis.CircuitBreakers.Internal;
using AgentHosting.Redis.Tests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.CircuitBreakers;

public sealed class RedisCircuitBreakerStoreTests(SharedRedis redis) : CircuitBreakerStoreCompliance
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_ByOneReplica_OpensForTheOther()
    {
        var options = SharedRedis.NewOptions();
        var (one, other) = (new RedisCircuitBreakerStore(redis.Connect(options: options)), new RedisCircuitBreakerStore(redis.Connect(options: options)));
        for (var i = 0; i < Settings.MinimumCalls; i++)
        {
            var store = i % 2 == 0 ? one : other;
            var permit = (await store.TryAcquireAsync("m", Settings, Token)).Permit;
            await store.ReportAsync(permit, Settings, CircuitOutcome.Failure, TimeSpan.Zero, Token);
        }

        Assert.False((await one.TryAcquireAsync("m", Settings, Token)).IsAllowed);
        Assert.False((await other.TryAcquireAsync("m", Settings, Token)).IsAllowed);
        Assert.InRange(
            (await redis.Multiplexer.GetDatabase().KeyTimeToLiveAsync($"{options.KeyPrefix}:circuit:m"))!.Value, TimeSpan.FromHours(1), TimeSpan.FromHours(1.1));
    }

    [Fact]
    public async Task TryAcquire_ClockOfTheServerIsSetBack_StaysOpenNoLonger()
    {
        var clock = new BackwardClock();
        var store = new RedisCircuitBreakerStore(redis.Connect(clock));
        for (var i = 0; i < Settings.MinimumCalls; i++)
        {
            var permit = (await store.TryAcquireAsync("m", Settings, Token)).Permit;
            await store.ReportAsync(permit, Settings, CircuitOutcome.Failure, TimeSpan.Zero, Token);
        }

        clock.Now -= TimeSpan.FromHours(3);

        Assert.InRange((await store.TryAcquireAsync("m", Settings, Token)).RetryAfter, TimeSpan.FromTicks(1), Settings.OpenDuration);
        clock.Now += Settings.OpenDuration;
        Assert.True((await store.TryAcquireAsync("m", Settings, Token)).Permit.IsProbe);
    }

    [Fact]
    public async Task Report_OfACircuitThatWasForgotten_ChangesNothing()
    {
        var options = SharedRedis.NewOptions();
        var store = new RedisCircuitBreakerStore(redis.Connect(options: options));
        var old = (await store.TryAcquireAsync("m", Settings, Token)).Permit;
        await redis.Multiplexer.GetDatabase().KeyDeleteAsync($"{options.KeyPrefix}:circuit:m");
        await store.TryAcquireAsync("m", Settings, Token);

        Assert.Equal(default, await store.ReportAsync(old, Settings, CircuitOutcome.Failure, TimeSpan.FromMinutes(1), Token));
        Assert.Equal(0, (await store.GetAsync("m", Settings, Token)).Failures);
    }

    protected override ICircuitBreakerStore CreateStore() => new RedisCircuitBreakerStore(redis.Connect(_clock));

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    private sealed class BackwardClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
