using Xunit;

namespace AgentHosting.Compliance;

public abstract partial class RateLimiterCompliance
{
    [Fact]
    public async Task Correct_ToLess_FreesTheRest()
    {
        var decision = await TakeAsync(Demand("tokens", 100, 90), Demand("requests", 5));

        Assert.True(await Limiter.CorrectAsync(decision, "tokens", 15, Token));

        Assert.Equal((85, 4), (await AvailableAsync("tokens", 100), await AvailableAsync("requests", 5)));
    }

    [Fact]
    public async Task Correct_ToMore_KeepsOthersOutUntilItIsForgotten()
    {
        var decision = await TakeAsync(Demand("tokens", 100, 10));

        Assert.True(await Limiter.CorrectAsync(decision, "tokens", 250, Token));

        var refusal = await AskAsync(Demand("tokens", 100));
        Assert.Equal(0, refusal.Available);
        await AdvanceAsync(refusal.RetryAfter!.Value);
        Assert.Equal(100, await AvailableAsync("tokens", 100));
    }

    [Fact]
    public async Task Correct_LaterInTheWindow_LandsWhereItWasTaken()
    {
        var first = await TakeAsync(Demand("tokens", 100, 50));
        await AdvanceAsync(TimeSpan.FromSeconds(30));
        await TakeAsync(Demand("tokens", 100, 20));

        Assert.True(await Limiter.CorrectAsync(first, "tokens", 70, Token));
        Assert.Equal(10, await AvailableAsync("tokens", 100));

        // The first is forgotten with its own slice, correction and all; the second is not.
        await AdvanceAsync(TimeSpan.FromSeconds(33));
        Assert.Equal(80, await AvailableAsync("tokens", 100));
    }

    [Fact]
    public async Task Correct_AfterTheWindow_ChangesNothing()
    {
        var old = await TakeAsync(Demand("tokens", 100, 50));
        await AdvanceAsync(TimeSpan.FromSeconds(90));
        await TakeAsync(Demand("tokens", 100, 40));

        Assert.False(await Limiter.CorrectAsync(old, "tokens", 0, Token));
        Assert.False(await Limiter.CorrectAsync(old, "tokens", 1000, Token));

        Assert.Equal(60, await AvailableAsync("tokens", 100));
    }

    [Fact]
    public async Task Correct_OneKeyInTwoWindows_CorrectsBoth()
    {
        var decision = await TakeAsync(Demand("tokens", 100, 50), Demand("tokens", 1000, 50, TimeSpan.FromHours(1)));

        Assert.True(await Limiter.CorrectAsync(decision, "tokens", 10, Token));

        Assert.Equal((90, 990), (await AvailableAsync("tokens", 100), await AvailableAsync("tokens", 1000, TimeSpan.FromHours(1))));
    }

    [Fact]
    public async Task Correct_KeyOfNoDemand_ChangesNothing()
    {
        await TakeAsync(Demand("other", 10, 3));
        var decision = await TakeAsync(Demand("tokens", 100, 50));

        Assert.False(await Limiter.CorrectAsync(decision, "other", 0, Token));

        Assert.Equal(7, await AvailableAsync("other", 10));
    }

    [Fact]
    public async Task Correct_WrongAmountsAndRefusals_Throw()
    {
        var decision = await TakeAsync(Demand("a", 1));
        var refusal = await AskAsync(Demand("a", 1));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Limiter.CorrectAsync(decision, "a", -1, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Limiter.CorrectAsync(refusal, "a", 0, Token));
        Assert.Equal(0, await AvailableAsync("a", 1));
    }
}
