using AgentHosting.Compliance;
using AgentHosting.RateLimits;
using AgentHosting.RateLimits.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.RateLimits;

public sealed class InMemoryRateLimiterTests : RateLimiterCompliance
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    protected override IAgentRateLimiter CreateLimiter() => Create(_clock);

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task RetryAfter_ATickEarlier_IsStillRefused()
    {
        await TakeAsync(Demand("a", 3, 3));
        var refusal = await AskAsync(Demand("a", 3));
        _clock.Advance(refusal.RetryAfter!.Value - TimeSpan.FromTicks(1));

        Assert.Equal(TimeSpan.FromTicks(1), (await AskAsync(Demand("a", 3))).RetryAfter);
    }

    [Fact]
    public async Task Acquire_WallClockIsSet_ForgetsNothingAndKeepsNobodyOut()
    {
        var clock = new StepClock();
        var limiter = Create(clock);
        Assert.True((await AskAsync(limiter, Demand("a", 1))).IsAcquired);
        foreach (var step in (TimeSpan[])[TimeSpan.FromDays(2), TimeSpan.FromDays(-4)])
        {
            clock.Wall += step;
            Assert.False((await AskAsync(limiter, Demand("a", 1))).IsAcquired);
            clock.Counted += (await AskAsync(limiter, Demand("a", 1))).RetryAfter!.Value;
            Assert.True((await AskAsync(limiter, Demand("a", 1))).IsAcquired);
        }
    }

    [Fact]
    public async Task Acquire_CounterGoesBack_TimeStandsStill()
    {
        var clock = new StepClock();
        var limiter = Create(clock);
        clock.Counted += TimeSpan.FromMinutes(10);
        Assert.True((await AskAsync(limiter, Demand("a", 1))).IsAcquired);
        clock.Counted -= TimeSpan.FromMinutes(9);

        var refusal = await AskAsync(limiter, Demand("a", 1));

        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(61));
    }

    [Fact]
    public async Task Acquire_ManyKeys_KeepsTheBoundAndTheOnesInUse()
    {
        var limiter = Create(_clock, maxKeys: 50);
        Assert.True((await AskAsync(limiter, Demand("busy", 1))).IsAcquired);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True((await AskAsync(limiter, Demand($"k{i}", 1))).IsAcquired);
            Assert.False((await AskAsync(limiter, Demand("busy", 1))).IsAcquired);
            Assert.InRange(limiter.Keys, 1, 50);
        }
    }

    [Fact]
    public async Task Acquire_IdleKeys_AreForgotten()
    {
        var limiter = Create(_clock);
        for (var i = 0; i < 500; i++)
        {
            await AskAsync(limiter, Demand($"k{i}", 1));
        }

        _clock.Advance(TimeSpan.FromSeconds(62));
        for (var i = 0; i < 250; i++)
        {
            await AskAsync(limiter, Demand("one", 1000));
        }

        Assert.Equal(1, limiter.Keys);
    }

    [Fact]
    public async Task Acquire_Refused_RemembersNoNewKey()
    {
        var limiter = Create(_clock);
        await AskAsync(limiter, Demand("all", 1));
        for (var i = 0; i < 100; i++)
        {
            Assert.False((await AskAsync(limiter, Demand($"u{i}", 5), Demand("all", 1))).IsAcquired);
        }

        Assert.Equal(1, limiter.Keys);
    }

    [Fact]
    public async Task Acquire_Granted_AllocatesTheDecisionAlone()
    {
        var limiter = Create(_clock);
        var request = new RateLimitRequest { Demands = [Demand("a", 1_000_000), Demand("b", 1_000_000)] };
        for (var i = 0; i < 100; i++)
        {
            await limiter.AcquireAsync(request, Token);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            await limiter.AcquireAsync(request, Token);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 1, 80);
    }

    private static InMemoryRateLimiter Create(TimeProvider clock, int maxKeys = 1000) => new(Options.Create(new RateLimitOptions { MaxKeys = maxKeys }), clock);

    private static async Task<RateLimitDecision> AskAsync(InMemoryRateLimiter limiter, params RateLimitDemand[] demands) =>
        await limiter.AcquireAsync(new RateLimitRequest { Demands = demands }, Token);
}
