using AgentHosting.CircuitBreakers;
using AgentHosting.Core.Tests.TokenBudgets;
using AgentHosting.Diagnostics;
using AgentHosting.RateLimits;
using AgentHosting.Retries;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Options;

namespace AgentHosting.Core.Tests.RateLimits;

/// <summary>Every call sends <c>hi</c>: two tokens of input.</summary>
public sealed class ModelRateLimitChatClientTests
{
    private static readonly ChatResponseUpdate Text = new(ChatRole.Assistant, "four");
    private static readonly ChatResponseUpdate End = new(ChatRole.Assistant, []) { FinishReason = ChatFinishReason.Stop };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_PastTheRequestLimit_IsRefusedAndNamesIt(bool streaming)
    {
        using var model = new UpdatesChatClient(Text, End);
        using var limit = new RateLimitUnderTest(model, static options => options.RequestsPerMinute = 2);
        await limit.Client.CallAsync(streaming);
        await limit.Client.CallAsync(streaming);

        var exception = await Assert.ThrowsAsync<RateLimitedException>(() => limit.Client.CallAsync(streaming));

        Assert.Equal(
            (RateLimitScope.Model, "default", RateLimitUnit.Requests, 2, 1, 0),
            (exception.Scope, exception.ScopeId, exception.Unit, exception.Limit, exception.Requested, exception.Available));
        Assert.Equal("Model 'default' takes 2 requests in any minute: 0 are left, 1 needed. Try again in 00:01:01.", exception.Message);
        limit.Clock.Advance(exception.RetryAfter!.Value);
        await limit.Client.CallAsync(streaming);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_UsageIsReported_CorrectsWhatWasTaken(bool streaming)
    {
        var usage = new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 30, OutputTokenCount = 15 })]);
        using var model = new UpdatesChatClient(Text, usage, End);
        using var limit = new RateLimitUnderTest(model, static options => options.TokensPerMinute = 100);

        await limit.Client.CallAsync(streaming, new ChatOptions { MaxOutputTokens = 98 });

        Assert.Equal(45, await limit.UsedTokensAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_UsageIsNotReported_CountsWhatPassed(bool streaming)
    {
        using var model = new UpdatesChatClient(Text, Text, End);
        using var limit = new RateLimitUnderTest(model, static options => options.TokensPerMinute = 100);

        await limit.Client.CallAsync(streaming);

        Assert.Equal(2 + 8, await limit.UsedTokensAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_AsksForLessThanNothing_IsCountedAllTheSame(bool streaming)
    {
        using var model = new UpdatesChatClient(Text, End);
        using var limit = new RateLimitUnderTest(model, static options => (options.TokensPerMinute, options.RequestsPerMinute) = (100, 1));
        await limit.Client.CallAsync(streaming, new ChatOptions { MaxOutputTokens = -1000 });

        await Assert.ThrowsAsync<RateLimitedException>(() => limit.Client.CallAsync(streaming, new ChatOptions { MaxOutputTokens = -1000 }));

        Assert.Equal(2 + 4, await limit.UsedTokensAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_LongestAnswerDoesNotFit_IsRefusedAndTakesNothing(bool streaming)
    {
        using var model = new UpdatesChatClient(Text, End);
        using var limit = new RateLimitUnderTest(model, static options => (options.TokensPerMinute, options.RequestsPerMinute) = (100, 10));
        await limit.Client.CallAsync(streaming, new ChatOptions { MaxOutputTokens = 20 });

        var exception = await Assert.ThrowsAsync<RateLimitedException>(() => limit.Client.CallAsync(streaming, new ChatOptions { MaxOutputTokens = 95 }));
        Assert.Equal((RateLimitUnit.Tokens, 97, 94), (exception.Unit, exception.Requested, exception.Available));
        var tooLarge = await Assert.ThrowsAsync<RateLimitedException>(() => limit.Client.CallAsync(streaming, new ChatOptions { MaxOutputTokens = 99 }));

        Assert.Null(tooLarge.RetryAfter);
        Assert.Contains("The request takes 101 tokens, its longest answer included, and model 'default' takes 100 in a minute.", tooLarge.Message, StringComparison.Ordinal);
        Assert.Equal((1, 6), (await limit.UsedRequestsAsync(), await limit.UsedTokensAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_Fails_CountsTheRequestAndItsInput(bool streaming)
    {
        using var model = new StubChatClient(
            static _ => Task.FromException<ChatResponse>(new ProviderException(500)), static _ => new FaultyStream(new ProviderException(500)));
        using var limit = new RateLimitUnderTest(model, static options => (options.TokensPerMinute, options.RequestsPerMinute) = (100, 10));

        await Assert.ThrowsAnyAsync<Exception>(() => limit.Client.CallAsync(streaming));

        Assert.Equal((1, 2), (await limit.UsedRequestsAsync(), await limit.UsedTokensAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_RefusedByAStageBelow_CountsNothing(bool streaming)
    {
        using var model = new StubChatClient(
            static _ => Task.FromException<ChatResponse>(new AgentRequestRejectedException("no")), static _ => throw new AgentRequestRejectedException("no"));
        using var limit = new RateLimitUnderTest(model, static options => (options.TokensPerMinute, options.RequestsPerMinute) = (100, 10));

        await Assert.ThrowsAsync<AgentRequestRejectedException>(() => limit.Client.CallAsync(streaming));

        Assert.Equal((0, 0), (await limit.UsedRequestsAsync(), await limit.UsedTokensAsync()));
    }

    [Fact]
    public async Task Stream_ReaderLeaves_CountsInputAndWhatPassed()
    {
        using var model = new UpdatesChatClient(Text, Text, Text, End);
        using var limit = new RateLimitUnderTest(model, static options => options.TokensPerMinute = 100);

        await foreach (var _ in limit.Client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            break;
        }

        Assert.Equal(2 + 4, await limit.UsedTokensAsync());
    }

    [Fact]
    public async Task Stream_ReaderLeavesAfterAReportOfTheBeginning_CountsWhatPassed()
    {
        // As providers report that tell the input first, with an output of one token or so.
        var usage = new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 30, OutputTokenCount = 1 })]);
        using var model = new UpdatesChatClient(usage, Text, Text, End);
        using var limit = new RateLimitUnderTest(model, static options => options.TokensPerMinute = 100);

        var updates = 0;
        await foreach (var _ in limit.Client.GetStreamingResponseAsync("hi", new ChatOptions { MaxOutputTokens = 50 }, Token))
        {
            if (++updates == 3)
            {
                break;
            }
        }

        Assert.Equal(38, await limit.UsedTokensAsync());
    }

    [Fact]
    public async Task Stream_CancelledAfterUsage_CountsWhatWasReported()
    {
        using var cancel = new CancellationTokenSource();
        var usage = new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 30 })]);
        using var model = new UpdatesChatClient(usage, Text, Text, End);
        using var limit = new RateLimitUnderTest(model, static options => options.TokensPerMinute = 100);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => limit.Client.CallAsync(
            streaming: true, cancellationToken: cancel.Token, seen: text => (text.Length > 0 ? cancel : null)?.Cancel()));

        Assert.Equal(30 + 4, await limit.UsedTokensAsync());
    }

    [Fact]
    public async Task Stream_NeverRead_TakesNothing()
    {
        using var model = new UpdatesChatClient(Text, End);
        using var limit = new RateLimitUnderTest(model, static options => options.RequestsPerMinute = 10);

        _ = limit.Client.GetStreamingResponseAsync("hi", cancellationToken: Token);

        Assert.Equal(0, await limit.UsedRequestsAsync());
    }

    [Fact]
    public async Task Call_NoLimit_AsksNobody()
    {
        using var model = new UpdatesChatClient(Text, End);
        using var limit = new RateLimitUnderTest(model, static options => options.LimiterFailure = RateLimiterFailurePolicy.Reject, new BrokenLimiter());

        Assert.Equal("four", (await limit.Client.CallAsync(streaming: false)).Text);
        Assert.Equal("four", (await limit.Client.CallAsync(streaming: true)).Text);
    }

    [Fact]
    public async Task Call_LimiterIsDown_GoesOnOrIsRefusedAsSet()
    {
        using var model = new UpdatesChatClient(Text, End);
        using var open = new RateLimitUnderTest(model, static options => options.RequestsPerMinute = 1, new BrokenLimiter());
        using var closed = new RateLimitUnderTest(
            model, static options => (options.RequestsPerMinute, options.LimiterFailure) = (1, RateLimiterFailurePolicy.Reject), new BrokenLimiter());
        using var failures = new MetricCollector<long>(open.Meters, AgentHostingDiagnostics.MeterName, "agenthosting.rate_limit.limiter_failures");

        await open.Client.CallAsync(streaming: true);
        await open.Client.CallAsync(streaming: false);
        var exception = await Assert.ThrowsAsync<RateLimiterUnavailableException>(() => closed.Client.CallAsync(streaming: false));

        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Equal(2, failures.GetMeasurementSnapshot().Count);
    }

    [Fact]
    public async Task Call_CounterThrowsOnTheAnswer_TheAnswerIsThereAndWhatWasTakenStaysCounted()
    {
        using var model = new StubChatClient(static _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")) { FinishReason = ChatFinishReason.Stop }));
        using var limit = new RateLimitUnderTest(model, static options => options.TokensPerMinute = 10_000, counter: new OutputFailingCounter());

        var response = await limit.Client.GetResponseAsync("four", new ChatOptions { MaxOutputTokens = 100 }, Token);

        Assert.Equal("ok", response.Text);
        Assert.Equal(104, await limit.UsedTokensAsync());
    }

    [Fact]
    public async Task Call_Refused_IsNeitherRetriedNorCountedByTheBreaker()
    {
        using var model = new StubChatClient(static _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")) { FinishReason = ChatFinishReason.Stop }));
        using var limit = new RateLimitUnderTest(
            model,
            static options => options.RequestsPerMinute = 1,
            above: static builder => builder.UseRetry(new RetryOptions()).UseCircuitBreaker(new CircuitBreakerOptions { MinimumCalls = 2, FailureRatio = 0.1 }));
        using var requests = new MetricCollector<long>(limit.Meters, AgentHostingDiagnostics.MeterName, "agenthosting.rate_limit.requests");
        await limit.Client.CallAsync(streaming: false);
        for (var i = 0; i < 20; i++)
        {
            var refused = limit.Client.CallAsync(streaming: false);
            Assert.True(refused.IsCompleted, "A retry waits.");
            await Assert.ThrowsAsync<RateLimitedException>(() => refused);
        }

        limit.Clock.Advance(TimeSpan.FromSeconds(61));
        await limit.Client.CallAsync(streaming: false);

        Assert.Equal(2, model.Calls);
        Assert.Equal(20, requests.GetMeasurementSnapshot().Count(static measurement => (string?)measurement.Tags["agenthosting.rate_limit.result"] == "refused"));
    }

    [Theory]
    [InlineData("MaxWait")]
    [InlineData("QueueLimit")]
    [InlineData("RequestsPerMinute")]
    [InlineData("LimiterFailure")]
    [InlineData("Key")]
    public void Use_WrongOption_NamesIt(string option)
    {
        using var model = new UpdatesChatClient(Text);
        var options = new ModelRateLimitOptions();
        typeof(ModelRateLimitOptions).GetProperty(option)!.SetValue(options, option switch
        {
            "MaxWait" => TimeSpan.FromDays(30),
            "LimiterFailure" => (RateLimiterFailurePolicy)7,
            "Key" => "",
            _ => 0,
        });

        var exception = Assert.Throws<OptionsValidationException>(() => model.AsBuilder().UseModelRateLimit(options));

        Assert.Contains($"AgentHosting:ModelRateLimit:{option} is ", exception.Message, StringComparison.Ordinal);
    }
}
