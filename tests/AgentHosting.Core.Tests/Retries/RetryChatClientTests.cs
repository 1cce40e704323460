using AgentHosting.Failures;
using AgentHosting.Retries;
using AgentHosting.Retries.Internal;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Retries;

public sealed class RetryChatClientTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _logs = new();
    private readonly List<RetryArguments> _retries = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_FailsTwice_IsMadeAThirdTime(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500), ScriptedTurn.Fail(503), ScriptedTurn.Text("at last"));

        var text = await DriveAsync(Client(inner), streaming);

        Assert.Equal("at last", text);
        Assert.Equal(3, inner.CallCount);
        Assert.Equal([1, 2], _retries.Select(retry => retry.Attempt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_FailsToTheEnd_ThrowsTheLastErrorAsItIs(bool streaming)
    {
        var last = new HttpRequestException("third", null, System.Net.HttpStatusCode.BadGateway);
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500), ScriptedTurn.Fail(500), ScriptedTurn.Fail(last));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => DriveAsync(Client(inner), streaming));

        Assert.Same(last, exception);
        Assert.Equal(3, exception.Data["agenthosting.attempts"]);
        Assert.Equal(3, inner.CallCount);
        Assert.Equal([1200, 1200, 1201], _logs.GetSnapshot().Select(record => record.Id.Id));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task Call_FailsForGood_IsNotRetried(int status)
    {
        foreach (var streaming in (bool[])[true, false])
        {
            using var inner = new ScriptedChatClient(ScriptedTurn.Fail(status)) { Repeat = true };

            var exception = await Assert.ThrowsAsync<ScriptedHttpException>(() => DriveAsync(Client(inner), streaming));

            Assert.Equal(status, (int)exception.StatusCode!);
            Assert.Equal(1, inner.CallCount);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delay_RetryAfter_IsThatOfTheLatestResponse(bool streaming)
    {
        using var inner = new ScriptedChatClient(
            ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(3)),
            ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(41)),
            ScriptedTurn.Text("done"));
        var start = _clock.GetUtcNow();

        await DriveAsync(Client(inner), streaming);

        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(41)], _retries.Select(retry => retry.Delay - RetryDefaults.TimerMargin));
        Assert.True(_clock.GetUtcNow() - start >= TimeSpan.FromSeconds(44));
    }

    [Fact]
    public async Task Delay_WithoutRetryAfter_IsAPartOfTheDoubledDelayUpToTheLongest()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500)) { Repeat = true };
        var options = new RetryOptions { MaxRetries = 5, BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(5) };

        await Assert.ThrowsAsync<ScriptedHttpException>(() => DriveAsync(Client(inner, options, jitter: 0.5), streaming: false));

        Assert.Equal([0.5, 1, 2, 2.5, 2.5], _retries.Select(retry => retry.Delay.TotalSeconds));
    }

    [Theory]
    [InlineData(61)]
    [InlineData(410_400)]
    public async Task Delay_RetryAfterBeyondTheLimit_FailsAtOnce(int seconds)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(seconds))) { Repeat = true };
        var client = Client(inner);

        var exception = await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", cancellationToken: Token));

        Assert.Equal(1, inner.CallCount);
        Assert.Equal(TimeSpan.FromSeconds(seconds), ChatFailureClassifier.Classify(exception, _clock, Token).RetryAfter);
    }

    [Fact]
    public async Task TotalTimeout_WaitWouldEndLater_FailsAtOnce()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(10))) { Repeat = true };
        var client = Client(inner, new RetryOptions { TotalTimeout = TimeSpan.FromSeconds(15), MaxRetries = 5 });

        await Assert.ThrowsAsync<ScriptedHttpException>(() => DriveAsync(client, streaming: false));

        Assert.Equal(2, inner.CallCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CallerCancelsDuringTheWait_EndsAtOnce(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500)) { Repeat = true };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new RetryOptions { OnRetry = _ => new ValueTask(cancel.CancelAsync()) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CollectAsync(Client(inner, options), streaming, cancel.Token));

        Assert.Equal(1, inner.CallCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CallerCancelsTheAttempt_IsNotRetriedAndNotCounted(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fault(WireFault.StallBeforeFirstToken)) { Repeat = true };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = CollectAsync(Client(inner), streaming, cancel.Token);
        await inner.WaitForRequestsAsync(1, Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(1, inner.CallCount);
        Assert.Equal(0, inner.InFlight);
        Assert.Empty(_logs.GetSnapshot());
    }

    [Fact]
    public async Task Stream_FailsAfterContent_IsInterruptedWithWhatHadCome()
    {
        var cause = new IOException("reset");
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("a ", "b ", "c").FailAfter(2, cause)) { Repeat = true };

        var exception = await Assert.ThrowsAsync<StreamInterruptedException>(() => DriveAsync(Client(inner), streaming: true));

        Assert.Equal("a b ", exception.PartialText);
        Assert.Same(cause, exception.InnerException);
        Assert.Equal(1, inner.CallCount);
    }

    [Fact]
    public async Task Stream_FailsAfterRoleOnly_IsRetriedAndTheRoleSeenOnce()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("x").FailAfter(0, new IOException("reset")), ScriptedTurn.Stream("a", "b"));

        Assert.Equal("ab", await DriveAsync(Client(inner), streaming: true));
        Assert.Equal(2, inner.CallCount);
    }

    [Fact]
    public async Task Stream_CallerStopsEarly_LeavesNothingOpen()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("a", "b").StallAfter(1));
        await foreach (var update in Client(inner).GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        Assert.Equal(0, inner.InFlight);
        Assert.Equal(RequestOutcome.Abandoned, inner.Requests[0].Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_RefusedByAStageBelow_IsNotRetried(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(new AgentRequestRejectedException("budget"))) { Repeat = true };

        var exception = await Assert.ThrowsAsync<AgentRequestRejectedException>(() => DriveAsync(Client(inner), streaming));

        Assert.Equal(1, inner.CallCount);
        Assert.Null(exception.InnerException);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retry_RefusedByAStageBelow_KeepsTheOriginalErrorAsInner(bool streaming)
    {
        var original = new HttpRequestException("down", null, System.Net.HttpStatusCode.ServiceUnavailable);
        var refusal = new AgentRequestRejectedException("The budget is used up.") { RetryAfter = TimeSpan.FromMinutes(5) };
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(original), ScriptedTurn.Fail(refusal));

        var exception = await Assert.ThrowsAsync<RetryRejectedException>(() => DriveAsync(Client(inner), streaming));

        Assert.Same(original, exception.InnerException);
        Assert.Same(refusal, exception.Rejection);
        Assert.Equal(TimeSpan.FromMinutes(5), exception.RetryAfter);
        Assert.Equal(2, exception.Data["agenthosting.attempts"]);
        Assert.Equal(ChatFailureKind.Rejected, ChatFailureClassifier.Classify(exception, _clock, Token).Kind);
    }

    [Fact]
    public async Task Budget_EverythingFails_ExtraLoadIsBounded()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500)) { Repeat = true };
        var client = Client(inner, new RetryOptions { BaseDelay = TimeSpan.Zero, BudgetBurst = 10, BudgetPerSecond = 0 });
        const int Calls = 1000;

        for (var i = 0; i < Calls; i++)
        {
            await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", cancellationToken: Token));
        }

        Assert.InRange(inner.CallCount, Calls + (int)(Calls * 0.2), Calls + (int)(Calls * 0.2) + 10);
    }

    [Fact]
    public async Task Budget_OneModelFails_AnotherKeepsItsRetries()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500)) { Repeat = true };
        var client = Client(inner, new RetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.Zero, BudgetBurst = 1, BudgetRatio = 0, BudgetPerSecond = 0 });

        async Task<int> CallsOfAsync(string model)
        {
            var before = inner.CallCount;
            await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", new ChatOptions { ModelId = model }, Token));
            return inner.CallCount - before;
        }

        var calls = new List<int> { await CallsOfAsync("a"), await CallsOfAsync("a"), await CallsOfAsync("b") };
        Assert.Equal([2, 1, 2], calls);
    }

    [Fact]
    public async Task Budget_TimePasses_IsRefilled()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500)) { Repeat = true };
        var client = Client(inner, new RetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.Zero, BudgetBurst = 1, BudgetRatio = 0, BudgetPerSecond = 0.5 });
        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", cancellationToken: Token));
        _clock.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", cancellationToken: Token));

        Assert.Equal(4, inner.CallCount);
    }

    [Fact]
    public async Task Messages_ReadOnlyOnce_ReachEveryAttempt()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500), ScriptedTurn.Text("ok"));
        var client = Client(inner, new RetryOptions { BaseDelay = TimeSpan.Zero });
        var queue = new Queue<ChatMessage>([new ChatMessage(ChatRole.User, "once")]);

        IEnumerable<ChatMessage> Drain()
        {
            while (queue.TryDequeue(out var message))
            {
                yield return message;
            }
        }

        await client.GetResponseAsync(Drain(), cancellationToken: Token);

        Assert.All(inner.Requests, request => Assert.Equal("once", Assert.Single(request.Messages).Text));
    }

    [Fact]
    public async Task ShouldHandle_SaysNo_FailsAtOnce()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(500)) { Repeat = true };
        var client = Client(inner, new RetryOptions { ShouldHandle = failure => failure.StatusCode == 503 });

        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", cancellationToken: Token));

        Assert.Equal(1, inner.CallCount);
    }

    [Fact]
    public void Options_Defaults_AreThoseDocumented()
    {
        var options = new RetryOptions();

        Assert.Equal(2, options.MaxRetries);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.BaseDelay);
        Assert.Equal(TimeSpan.FromSeconds(8), options.MaxDelay);
        Assert.Equal(TimeSpan.FromSeconds(60), options.MaxRetryAfter);
        Assert.Null(options.TotalTimeout);
        Assert.Equal(0.2, options.BudgetRatio);
        Assert.Equal(20, options.BudgetBurst);
        Assert.Equal(0.5, options.BudgetPerSecond);
    }

    [Fact]
    public void UseRetry_InvalidOptions_NamesEveryReason()
    {
        var options = new RetryOptions
        {
            MaxRetries = 11,
            BaseDelay = TimeSpan.FromSeconds(-1),
            MaxDelay = TimeSpan.FromSeconds(-2),
            MaxRetryAfter = TimeSpan.FromDays(50),
            TotalTimeout = TimeSpan.Zero,
            BudgetRatio = -1,
            BudgetBurst = 0,
            BudgetPerSecond = -1,
            ShouldHandle = null!,
        };

        var exception = Assert.Throws<OptionsValidationException>(() => new ChatClientBuilder(new ScriptedChatClient(ScriptedTurn.Text("x"))).UseRetry(options));

        foreach (var property in (string[])["MaxRetries", "BaseDelay", "MaxDelay", "MaxRetryAfter", "TotalTimeout", "BudgetRatio", "BudgetBurst", "BudgetPerSecond", "ShouldHandle"])
        {
            Assert.Contains(exception.Failures, failure => failure.Contains(property, StringComparison.Ordinal));
        }

        Assert.All(exception.Failures, failure => Assert.StartsWith("AgentHosting:Retry", failure, StringComparison.Ordinal));
    }

    [Fact]
    public void UseRetry_OptionsNotRegistered_NamesTheCall()
    {
        var exception = Assert.Throws<InvalidOperationException>(
            () => new ChatClientBuilder(new ScriptedChatClient(ScriptedTurn.Text("x"))).UseRetry().Build());

        Assert.Contains("AddRetry", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddRetry_Configuration_WinsOverCode()
    {
        await using var host = await TestHost.StartAsync(
            builder => builder.AddModel("m", _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("a", _ => { }).AddRetry(options => options.MaxRetries = 1),
            ("AgentHosting:Retry:MaxRetries", "4"));

        Assert.Equal(4, host.Services.GetRequiredService<IOptions<RetryOptions>>().Value.MaxRetries);
    }

    [Fact]
    public async Task Metrics_EachDecision_HasItsTag()
    {
        var results = new List<string>();
        foreach (var (turn, options) in ((ScriptedTurn, RetryOptions)[])
        [
            (ScriptedTurn.Fail(500), new RetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.Zero }),
            (ScriptedTurn.Fail(400), new RetryOptions()),
            (ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromHours(1)), new RetryOptions()),
            (ScriptedTurn.Fail(429).WithRetryAfter(TimeSpan.FromSeconds(2)), new RetryOptions { TotalTimeout = TimeSpan.FromSeconds(1) }),
            (ScriptedTurn.Fail(500), new RetryOptions { MaxRetries = 3, BaseDelay = TimeSpan.Zero, BudgetBurst = 1, BudgetRatio = 0, BudgetPerSecond = 0 }),
        ])
        {
            using var inner = new ScriptedChatClient(turn) { Repeat = true };
            var services = Services();
            using var collector = new MetricCollector<long>(
                services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "AgentHosting", "agenthosting.retry.failed_attempts");
            var client = new ChatClientBuilder(inner).UseRetry(options).Build(services);
            await Assert.ThrowsAsync<ScriptedHttpException>(() => client.GetResponseAsync("hi", new ChatOptions { ModelId = "mini" }, Token));
            results.AddRange(collector.GetMeasurementSnapshot().Select(measurement => (string)measurement.Tags["agenthosting.retry.result"]!));
            Assert.All(collector.GetMeasurementSnapshot(), measurement => Assert.Equal("mini", measurement.Tags["gen_ai.request.model"]));
        }

        Assert.Equal(["retried", "exhausted", "not_retryable", "retry_after_too_long", "out_of_time", "retried", "budget_empty"], results);
    }

    private ServiceProvider Services() => new ServiceCollection()
        .AddMetrics()
        .AddSingleton<TimeProvider>(_clock)
        .AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_logs)))
        .BuildServiceProvider();

    private AgentHosting.Retries.Internal.RetryChatClient Client(IChatClient inner, RetryOptions? options = null, double jitter = 1)
    {
        options ??= new RetryOptions();
        var onRetry = options.OnRetry;
        options.OnRetry = arguments =>
        {
            _retries.Add(arguments);
            return onRetry?.Invoke(arguments) ?? default;
        };
        return new AgentHosting.Retries.Internal.RetryChatClient(
            inner, options, _clock, new FakeLogger(_logs), new AgentHosting.Retries.Internal.RetryMetrics(null), () => jitter);
    }

    private async Task<string> DriveAsync(IChatClient client, bool streaming)
    {
        var call = CollectAsync(client, streaming, Token);
        while (!call.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await call;
    }

    private static async Task<string> CollectAsync(IChatClient client, bool streaming, CancellationToken cancellationToken)
    {
        if (!streaming)
        {
            return (await client.GetResponseAsync("hi", cancellationToken: cancellationToken)).Text;
        }

        var text = "";
        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: cancellationToken))
        {
            text += update.Text;
        }

        return text;
    }
}
