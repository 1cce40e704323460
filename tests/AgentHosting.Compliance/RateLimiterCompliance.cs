using AgentHosting.RateLimits;
using Xunit;

namespace AgentHosting.Compliance;

/// <summary>What every rate limiter does. A subclass gives the limiter and moves its clock.</summary>
public abstract partial class RateLimiterCompliance
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // One, also for those that ask for it first at the same moment.
    private readonly Lazy<IAgentRateLimiter> _limiter;

    protected RateLimiterCompliance() => _limiter = new Lazy<IAgentRateLimiter>(CreateLimiter);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected IAgentRateLimiter Limiter => _limiter.Value;

    /// <summary>A limiter that has counted nothing.</summary>
    protected abstract IAgentRateLimiter CreateLimiter();

    /// <summary>Lets time pass for the limiter.</summary>
    protected abstract Task AdvanceAsync(TimeSpan time);

    protected static RateLimitDemand Demand(string key, long limit, long permits = 1, TimeSpan? window = null) =>
        new() { Key = key, Limit = limit, Permits = permits, Window = window ?? Minute };

    protected ValueTask<RateLimitDecision> AskAsync(params RateLimitDemand[] demands) => Limiter.AcquireAsync(new RateLimitRequest { Demands = demands }, Token);

    protected async Task<RateLimitDecision> TakeAsync(params RateLimitDemand[] demands)
    {
        var decision = await AskAsync(demands);
        Assert.True(decision.IsAcquired, $"{decision.RefusedBy?.Key} refused, {decision.Available} left");
        return decision;
    }

    /// <summary>What is left of a limit. Takes nothing.</summary>
    protected async Task<long> AvailableAsync(string key, long limit, TimeSpan? window = null)
    {
        var decision = await AskAsync(Demand(key, limit, limit, window));
        if (!decision.IsAcquired)
        {
            return decision.Available;
        }

        Assert.True(await Limiter.CorrectAsync(decision, key, 0, Token));
        return limit;
    }

    [Fact]
    public async Task Acquire_PastTheLimit_IsRefusedAndSaysWhatIsLeft()
    {
        await TakeAsync(Demand("a", 10, 7));

        var refusal = await AskAsync(Demand("a", 10, 4));

        Assert.False(refusal.IsAcquired);
        Assert.Equal(("a", 3), (refusal.RefusedBy?.Key, refusal.Available));
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromTicks(1), Minute * 1.1);
        await TakeAsync(Demand("a", 10, 3));
    }

    [Fact]
    public async Task Acquire_OneOfSeveralLimitsRefuses_NothingIsTakenFromAny()
    {
        await TakeAsync(Demand("user", 2), Demand("all", 10));
        await TakeAsync(Demand("user", 2), Demand("all", 10));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("user", (await AskAsync(Demand("user", 2), Demand("all", 10))).RefusedBy?.Key);
            Assert.Equal("user", (await AskAsync(Demand("all", 10), Demand("user", 2))).RefusedBy?.Key);
        }

        Assert.Equal((0, 8), (await AvailableAsync("user", 2), await AvailableAsync("all", 10)));
    }

    [Fact]
    public async Task Acquire_OtherKeyOrWindow_IsCountedApart()
    {
        await TakeAsync(Demand("a", 1));

        await TakeAsync(Demand("b", 1));
        await TakeAsync(Demand("a", 1, window: TimeSpan.FromHours(1)));
        await TakeAsync(Demand("A", 1));
    }

    [Fact]
    public async Task Acquire_WithAnotherLimit_ForgetsNothing()
    {
        await TakeAsync(Demand("a", 10, 8));

        Assert.Equal(12, await AvailableAsync("a", 20));
        Assert.Equal(0, await AvailableAsync("a", 5));
    }

    [Fact]
    public async Task Acquire_LargerThanTheWholeLimit_IsRefusedForGood()
    {
        var refusal = await AskAsync(Demand("small", 10), Demand("large", 10, 11));

        Assert.Equal(("large", 10, null), (refusal.RefusedBy?.Key, refusal.Available, refusal.RetryAfter));
        Assert.Equal(10, await AvailableAsync("small", 10));
    }

    [Fact]
    public async Task Acquire_AtTheEdgeOfAMinute_DoesNotAdmitTwiceTheLimit()
    {
        for (var offset = 0; offset < 60; offset += 7)
        {
            var key = $"edge{offset}";
            await AdvanceAsync(TimeSpan.FromSeconds(offset));
            await TakeAsync(Demand(key, 10, 10));
            await AdvanceAsync(Minute - TimeSpan.FromMilliseconds(1));

            Assert.False((await AskAsync(Demand(key, 10))).IsAcquired);

            await AdvanceAsync(TimeSpan.FromSeconds(3));
            await TakeAsync(Demand(key, 10, 10));
        }
    }

    [Fact]
    public async Task RetryAfter_Obeyed_IsAdmitted()
    {
        await TakeAsync(Demand("a", 10, 4));
        await AdvanceAsync(TimeSpan.FromSeconds(20));
        await TakeAsync(Demand("a", 10, 6), Demand("b", 5, 5));

        // 4 of the 10 free themselves earlier than the 5 of the other limit: the later moment counts.
        var both = await AskAsync(Demand("a", 10, 4), Demand("b", 5));
        var alone = await AskAsync(Demand("a", 10, 4));

        Assert.True(alone.RetryAfter < both.RetryAfter, $"{alone.RetryAfter} is not before {both.RetryAfter}");
        Assert.Equal("b", both.RefusedBy?.Key);
        await AdvanceAsync(alone.RetryAfter!.Value);
        Assert.False((await AskAsync(Demand("a", 10, 4), Demand("b", 5))).IsAcquired);
        await AdvanceAsync(both.RetryAfter!.Value - alone.RetryAfter.Value);
        await TakeAsync(Demand("a", 10, 4), Demand("b", 5));
    }

    [Fact]
    public async Task Acquire_WrongRequests_AreRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await AskAsync(Demand("a", 10), Demand("a", 20)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await AskAsync(Demand("a", 10, -1)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await AskAsync(Demand("a", -1)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await AskAsync(Demand("a", RateLimitDemand.MaxAmount + 1)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await AskAsync(Demand("a", 1, window: TimeSpan.FromMilliseconds(999))));
        await Assert.ThrowsAsync<ArgumentException>(async () => await AskAsync(Demand("a", 1, window: TimeSpan.FromDays(1.1))));
        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await Limiter.AcquireAsync(new RateLimitRequest { Demands = [Demand("a", 1)] }, new CancellationToken(canceled: true)));
        Assert.Equal(1, await AvailableAsync("a", 1));
    }
}
