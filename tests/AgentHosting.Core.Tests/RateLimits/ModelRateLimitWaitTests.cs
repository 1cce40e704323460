using AgentHosting.Core.Tests.TokenBudgets;
using AgentHosting.RateLimits;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.RateLimits;

public sealed class ModelRateLimitWaitTests
{
    private static readonly ChatResponseUpdate End = new(ChatRole.Assistant, "done") { FinishReason = ChatFinishReason.Stop };

    private static TimeSpan Refill { get; } = TimeSpan.FromSeconds(61);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_MayWait_GoesOnWhenItFits(bool streaming)
    {
        using var model = new UpdatesChatClient(End);
        using var limit = Limit(model, maxWait: Refill);
        await limit.Client.CallAsync(streaming);

        var waiting = limit.Client.CallAsync(streaming);
        limit.Clock.Advance(Refill - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);
        limit.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("done", (await waiting).Text);
    }

    [Fact]
    public async Task Call_WouldWaitTooLong_IsRefusedAtOnce()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = Limit(model, maxWait: Refill - TimeSpan.FromMilliseconds(1));
        await limit.Client.CallAsync(streaming: false);

        var refused = limit.Client.CallAsync(streaming: false);

        Assert.True(refused.IsCompleted);
        Assert.Equal(Refill, (await Assert.ThrowsAsync<RateLimitedException>(() => refused)).RetryAfter);
    }

    [Fact]
    public async Task Call_WaitsForTokensThatAnAnswerDoesNotUse_GoesOnWhenTheyAreGivenBack()
    {
        var answer = new TaskCompletionSource<ChatResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var model = new StubChatClient(_ => answer.Task, static _ => throw new NotSupportedException());
        using var limit = new RateLimitUnderTest(model, static options => (options.TokensPerMinute, options.MaxWait) = (100, TimeSpan.FromMinutes(2)));
        var first = limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 90 });
        var second = limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 40 });
        var third = limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 40 });
        await limit.Clock.WaitForTimersAsync(Refill, 1);
        Assert.False(second.IsCompleted || third.IsCompleted);

        answer.SetResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "done")) { Usage = new UsageDetails { InputTokenCount = 2, OutputTokenCount = 8 } });
        await Task.WhenAll(first, second, third).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(30, await limit.UsedTokensAsync());
    }

    [Fact]
    public async Task Call_CancelledWhileItWaits_EndsAtOnceAndLetsTheNextGoOn()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = Limit(model, maxWait: TimeSpan.FromMinutes(5));
        await limit.Client.CallAsync(streaming: false);
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var cancelled = new[] { limit.Client.CallAsync(streaming: false, cancellationToken: first.Token), limit.Client.CallAsync(streaming: true, cancellationToken: second.Token) };
        var last = limit.Client.CallAsync(streaming: false);

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled[1]);
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled[0]);

        await limit.Clock.WaitForTimersAsync(Refill, 2);
        limit.Clock.Advance(Refill);
        await last;
        Assert.Equal(1, await limit.UsedRequestsAsync());
    }

    [Fact]
    public async Task Calls_Waiting_AreServedInTheirOrderAndNewOnesBehindThem()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = Limit(model, maxWait: TimeSpan.FromHours(1));
        await limit.Client.CallAsync(streaming: false);
        var waiting = Enumerable.Range(0, 10).Select(_ => limit.Client.CallAsync(streaming: false)).ToList();
        for (var i = 0; i < waiting.Count; i++)
        {
            await limit.Clock.WaitForTimersAsync(Refill, i + 1);
            limit.Clock.Advance(Refill);
            await waiting[i];
            // It would fit only for whoever came before.
            waiting.AddRange(i == 0 ? [limit.Client.CallAsync(streaming: false)] : []);
            Assert.All(waiting.Skip(i + 1), static task => Assert.False(task.IsCompleted));
        }

        Assert.Equal(11, waiting.Count);
    }

    [Fact]
    public async Task Call_LineIsFull_IsRefusedAtOnce()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = new RateLimitUnderTest(
            model, static options => (options.RequestsPerMinute, options.MaxWait, options.QueueLimit) = (1, TimeSpan.FromHours(1), 2));
        await limit.Client.CallAsync(streaming: false);
        var waiting = new[] { limit.Client.CallAsync(streaming: false), limit.Client.CallAsync(streaming: false) };

        var refused = limit.Client.CallAsync(streaming: false);

        Assert.True(refused.IsCompleted);
        Assert.NotNull((await Assert.ThrowsAsync<RateLimitedException>(() => refused)).RetryAfter);
        for (var i = 0; i < waiting.Length; i++)
        {
            await limit.Clock.WaitForTimersAsync(Refill, i + 1);
            limit.Clock.Advance(Refill);
            await waiting[i];
        }
    }

    [Fact]
    public async Task Call_LineIsFullAndItWouldFit_DoesNotPassThoseThatWait()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = new RateLimitUnderTest(
            model, static options => (options.TokensPerMinute, options.MaxWait, options.QueueLimit) = (100, TimeSpan.FromHours(1), 1));
        await limit.Limiter.AcquireAsync(
            new RateLimitRequest { Demands = [new RateLimitDemand { Key = "model:default:tokens", Limit = 100, Permits = 60 }] }, TestContext.Current.CancellationToken);
        // The 40 that are left are too few for it, and enough for the next.
        var waiting = limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 80 });

        var refused = await Assert.ThrowsAsync<RateLimitedException>(() => limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 10 }));

        Assert.Contains("1 requests wait already", refused.Message, StringComparison.Ordinal);
        Assert.False(waiting.IsCompleted);
        await limit.Clock.WaitForTimersAsync(Refill, 1);
        limit.Clock.Advance(Refill);
        await waiting;
        // Once all that counts now is forgotten both fit; who obeys is admitted.
        Assert.Equal(Refill, refused.RetryAfter);
        Assert.Equal("done", (await limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 10 })).Text);
    }

    [Fact]
    public async Task Call_LineIsFullAndItIsTooLargeForTheLimit_IsToldSo()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = new RateLimitUnderTest(
            model, static options => (options.TokensPerMinute, options.MaxWait, options.QueueLimit) = (100, TimeSpan.FromHours(1), 1));
        await limit.Limiter.AcquireAsync(
            new RateLimitRequest { Demands = [new RateLimitDemand { Key = "model:default:tokens", Limit = 100, Permits = 60 }] }, TestContext.Current.CancellationToken);
        var waiting = limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 80 });

        var refused = await Assert.ThrowsAsync<RateLimitedException>(() => limit.Client.CallAsync(streaming: false, new ChatOptions { MaxOutputTokens = 200 }));

        Assert.Null(refused.RetryAfter);
        await limit.Clock.WaitForTimersAsync(Refill, 1);
        limit.Clock.Advance(Refill);
        await waiting;
    }

    [Fact]
    public async Task Call_TimeEndsInTheLine_IsRefused()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = Limit(model, maxWait: TimeSpan.FromSeconds(90));
        await limit.Client.CallAsync(streaming: false);
        var first = limit.Client.CallAsync(streaming: false);
        var second = limit.Client.CallAsync(streaming: false);

        limit.Clock.Advance(Refill);
        await first;

        // It would fit in another 61 seconds, and has 29 left.
        await Assert.ThrowsAsync<RateLimitedException>(() => second);
        Assert.Equal(1, await limit.UsedRequestsAsync());
    }

    [Fact]
    public async Task Call_TimeEndsAtTheHeadWhileOthersWait_IsAdmittedAfterThem()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = Limit(model, maxWait: TimeSpan.FromSeconds(70));
        await limit.Client.CallAsync(streaming: false);
        var first = limit.Client.CallAsync(streaming: false);
        limit.Clock.Advance(TimeSpan.FromSeconds(20));
        var second = limit.Client.CallAsync(streaming: false);
        limit.Clock.Advance(TimeSpan.FromSeconds(40));
        var third = limit.Client.CallAsync(streaming: false);
        limit.Clock.Advance(TimeSpan.FromSeconds(1));
        await first;

        // It has 29 seconds left and would need 61; the third has the time, and is served then.
        var refused = await Assert.ThrowsAsync<RateLimitedException>(() => second);
        await limit.Clock.WaitForTimersAsync(Refill, 2);
        limit.Clock.Advance(Refill);
        await third;
        limit.Clock.Advance(refused.RetryAfter!.Value - Refill);

        var obeyed = limit.Client.CallAsync(streaming: false);
        Assert.True(obeyed.IsCompleted, $"told to come back after {refused.RetryAfter}");
        Assert.Equal("done", (await obeyed).Text);
    }

    [Fact]
    public async Task Call_TimeEndsBehindOthers_IsRefusedWithTheTimeThatIsLeft()
    {
        using var model = new UpdatesChatClient(End);
        using var limit = Limit(model, maxWait: TimeSpan.FromSeconds(61.5));
        await limit.Client.CallAsync(streaming: false);
        var first = limit.Client.CallAsync(streaming: false);
        var second = limit.Client.CallAsync(streaming: false);

        limit.Clock.Advance(Refill);
        await first;

        Assert.InRange((await Assert.ThrowsAsync<RateLimitedException>(() => second)).RetryAfter!.Value, TimeSpan.FromSeconds(60), Refill);
    }

    private static RateLimitUnderTest Limit(IChatClient model, TimeSpan maxWait) =>
        new(model, options => (options.RequestsPerMinute, options.MaxWait) = (1, maxWait));
}
