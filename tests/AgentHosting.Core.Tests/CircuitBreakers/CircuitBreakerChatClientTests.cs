using System.Diagnostics.Metrics;
using AgentHosting.CircuitBreakers;
using AgentHosting.CircuitBreakers.Internal;
using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.CircuitBreakers;

public sealed class CircuitBreakerChatClientTests : IDisposable
{
    private const string Model = "scripted-model";
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _logs = new();
    private readonly ServiceProvider _services;
    private readonly InMemoryCircuitBreakerStore _store;

    public CircuitBreakerChatClientTests()
    {
        _store = new InMemoryCircuitBreakerStore(_clock);
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_clock)
            .AddSingleton<ICircuitBreakerStore>(_store)
            .AddMetrics()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(_logs)))
            .BuildServiceProvider();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_TenFailures_OpensAndRefusesWithoutCalling(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503)) { Repeat = true };
        using var client = Build(model);
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));
        }

        var refusal = await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming));

        Assert.Equal(10, model.CallCount);
        Assert.Equal(Model, refusal.Model);
        Assert.Equal(TimeSpan.FromSeconds(30), refusal.RetryAfter);
        Assert.Equal(
            "The circuit of model 'scripted-model' is open: its calls failed, or its provider asks for a pause. Wait 00:00:30, or add a fallback with UseFallback.",
            refusal.Message);
        Assert.Equal(EventIds.CircuitOpened, Assert.Single(_logs.GetSnapshot()).Id.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_OneFailureOfOne_StaysClosed(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503), ScriptedTurn.Text("well"));
        using var client = Build(model);
        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));

        Assert.Equal("well", (await client.CallAsync(streaming)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_RateLimited_PausesForRetryAfterAndCountsNothing(bool streaming)
    {
        var answers = new Queue<ScriptedTurn>([ScriptedTurn.Fail(new ProviderException(429, TimeSpan.FromSeconds(7))), ScriptedTurn.Text("back"), ScriptedTurn.Text("again")]);
        using var model = new ScriptedChatClient(_ => answers.Dequeue());
        using var client = Build(model);
        await Assert.ThrowsAsync<ProviderException>(() => client.CallAsync(streaming));

        Assert.Equal(TimeSpan.FromSeconds(7), (await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming))).RetryAfter);
        _clock.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal("back", (await client.CallAsync(streaming)).Text);
        Assert.Equal(0, (await StatusAsync()).Failures);
        Assert.Equal(CircuitState.Closed, (await StatusAsync()).State);
        Assert.Equal(EventIds.CircuitPaused, Assert.Single(_logs.GetSnapshot()).Id.Id);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(5, false)]
    public async Task Call_RateLimitedWithoutRetryAfter_PausesForTheSetting(int seconds, bool passes)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(429), ScriptedTurn.Text("next"));
        using var client = Build(model, new CircuitBreakerOptions { RateLimitPause = TimeSpan.FromSeconds(seconds) });
        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming: false));

        var next = await Record.ExceptionAsync(() => client.CallAsync(streaming: false));

        Assert.Equal(passes, next is null);
        Assert.Equal(passes ? null : TimeSpan.FromSeconds(5), (next as CircuitOpenException)?.RetryAfter);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(413)]
    public async Task Call_FailureThatSaysNothingAboutHealth_IsNotCounted(int status)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(status)) { Repeat = true };
        using var client = Build(model);
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(i % 2 == 0));
        }

        Assert.Equal(20, model.CallCount);
        Assert.Equal(0, (await StatusAsync()).Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CallerCancels_IsNotCounted(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fault(WireFault.StallBeforeFirstToken)) { Repeat = true };
        using var client = Build(model);
        for (var i = 0; i < 12; i++)
        {
            using var cancel = new CancellationTokenSource();
            var call = client.CallAsync(streaming, cancellationToken: cancel.Token);
            await model.WaitForRequestsAsync(i + 1, Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Assert.Equal((0, 0), ((await StatusAsync()).Failures, (await StatusAsync()).Successes));
        Assert.Equal(0, model.InFlight);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_RefusalFromBelow_IsNotCounted(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(new AgentRequestRejectedException("over budget"))) { Repeat = true };
        using var client = Build(model);
        for (var i = 0; i < 12; i++)
        {
            await Assert.ThrowsAsync<AgentRequestRejectedException>(() => client.CallAsync(streaming));
        }

        Assert.Equal(0, (await StatusAsync()).Failures);
    }

    [Fact]
    public async Task Stream_FailsInTheMiddle_IsAFailureAtItsEnd()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fault(WireFault.ResetMidStream, 2));
        using var client = Build(model);
        var seen = 0;

        await Assert.ThrowsAsync<HttpIOException>(() => client.CallAsync(streaming: true, seen: text => seen += text.Length > 0 ? 1 : 0));

        Assert.Equal(2, seen);
        Assert.Equal((0, 1), ((await StatusAsync()).Successes, (await StatusAsync()).Failures));
    }

    [Fact]
    public async Task Stream_EndsWithoutFinishReason_IsAFailure()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("cut").WithoutFinishReason());
        using var client = Build(model);

        Assert.Equal("cut", (await client.CallAsync(streaming: true)).Text);

        Assert.Equal((0, 1), ((await StatusAsync()).Successes, (await StatusAsync()).Failures));
    }

    [Fact]
    public async Task Stream_CallerStopsEarly_IsNotCountedAndClosesTheStream()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("one two three"));
        using var client = Build(model);

        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        Assert.Equal((0, 0), ((await StatusAsync()).Successes, (await StatusAsync()).Failures));
        Assert.Equal(0, model.InFlight);
    }

    [Fact]
    public async Task Stream_NeverEnumerated_TakesNoPermit()
    {
        using var model = new ScriptedChatClient(request => request.CallIndex < 10 ? ScriptedTurn.Fail(503) : ScriptedTurn.Text("well"));
        using var client = Build(model);
        await FailAsync(client, 10);
        _clock.Advance(TimeSpan.FromSeconds(30));

        _ = client.GetStreamingResponseAsync("hi", cancellationToken: Token);

        Assert.False((await StatusAsync()).ProbeInFlight);
        Assert.Equal("well", (await client.CallAsync(streaming: true)).Text);
    }

    [Fact]
    public async Task Call_ModelsOfOnePipeline_HaveCircuitsOfTheirOwn()
    {
        using var model = new ScriptedChatClient(request => request.Options?.ModelId == "sick" ? ScriptedTurn.Fail(503) : ScriptedTurn.Text("well")) { Repeat = true };
        using var client = Build(model);
        var sick = new ChatOptions { ModelId = "sick" };
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming: false, sick));
        }

        await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming: true, sick));
        Assert.Equal("well", (await client.CallAsync(streaming: true, new ChatOptions { ModelId = "well" })).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_HalfOpen_OneProbeAtATimeThenCloses(bool streaming)
    {
        using var model = new ScriptedChatClient(request => request.CallIndex switch
        {
            < 10 => ScriptedTurn.Fail(503),
            10 => ScriptedTurn.Text("slow").WithDelay(TimeSpan.FromSeconds(5)),
            _ => ScriptedTurn.Text("well"),
        })
        { TimeProvider = _clock };
        using var client = Build(model);
        await FailAsync(client, 10);
        _clock.Advance(TimeSpan.FromSeconds(30));

        var probe = client.CallAsync(streaming);
        await model.WaitForRequestsAsync(11, Token);
        var refusals = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await Record.ExceptionAsync(() => client.CallAsync(streaming))));
        _clock.Advance(TimeSpan.FromSeconds(5));
        await probe;
        await client.CallAsync(streaming);

        Assert.All(refusals, refusal => Assert.IsType<CircuitOpenException>(refusal));
        Assert.Equal(12, model.CallCount);
        Assert.Equal(CircuitState.Closed, (await StatusAsync()).State);
        Assert.Equal(
            [EventIds.CircuitOpened, EventIds.CircuitProbed, EventIds.CircuitProbed, EventIds.CircuitClosed],
            _logs.GetSnapshot().Select(record => record.Id.Id));
    }

    [Fact]
    public async Task Call_ShouldHandle_DecidesWhatCounts()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(401)) { Repeat = true };
        using var client = Build(model, new CircuitBreakerOptions { ShouldHandle = failure => failure.Kind == ChatFailureKind.Authentication });

        await FailAsync(client, 10);

        await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming: false));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(false, false, false)]
    public async Task Call_StoreIsDown_PassesAndSaysSo(bool streaming, bool atOnce, bool givesUp)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("well"), ScriptedTurn.Text("well"));
        using var services = new ServiceCollection()
            .AddSingleton<ICircuitBreakerStore>(new BrokenStore(atOnce, givesUp ? new OperationCanceledException("The store took too long.") : new IOException("The store is gone.")))
            .AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_logs)))
            .BuildServiceProvider();
        using var client = model.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions()).Build(services);

        Assert.Equal("well", (await client.CallAsync(streaming)).Text);

        Assert.Equal(EventIds.CircuitStoreFailed, Assert.Single(_logs.GetSnapshot()).Id.Id);
    }

    [Fact]
    public async Task Call_ProbeIsAnsweredWithNothingAtAll_IsAFailureThatGivesItsPermitBack()
    {
        var calls = 0;
        using var model = new StubChatClient(_ => ++calls switch
        {
            <= 10 => Task.FromException<ChatResponse>(new IOException("gone")),
            11 => Task.FromResult<ChatResponse>(null!),
            _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "well"))),
        });
        using var client = Build(model);
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<IOException>(() => client.CallAsync(streaming: false));
        }

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await client.CallAsync(streaming: false));
        var refusal = await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming: false));
        Assert.Equal(TimeSpan.FromSeconds(60), refusal.RetryAfter);
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("well", (await client.CallAsync(streaming: false)).Text);
    }

    [Fact]
    public async Task Metrics_TellStatesAndRefusals()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        using var transitions = new MetricCollector<long>(meters, AgentHostingDiagnostics.MeterName, "agenthosting.circuit_breaker.transitions");
        using var refusals = new MetricCollector<long>(meters, AgentHostingDiagnostics.MeterName, "agenthosting.circuit_breaker.refusals");
        using var model = new ScriptedChatClient(request => request.CallIndex switch
        {
            < 10 => ScriptedTurn.Fail(503),
            12 => ScriptedTurn.Fail(new ProviderException(429, TimeSpan.FromSeconds(1))),
            _ => ScriptedTurn.Text("well"),
        });
        using var client = Build(model);

        await FailAsync(client, 10);
        await FailAsync(client, 1);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await client.CallAsync(streaming: false);
        await client.CallAsync(streaming: true);
        await FailAsync(client, 1);

        Assert.Equal(
            ["open", "half_open", "half_open", "closed", "paused"],
            transitions.GetMeasurementSnapshot().Select(measurement => measurement.Tags["agenthosting.circuit_breaker.state"]));
        Assert.Equal(Model, Assert.Single(refusals.GetMeasurementSnapshot()).Tags["gen_ai.request.model"]);
    }

    private static async Task FailAsync(IChatClient client, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.NotNull(await Record.ExceptionAsync(() => client.CallAsync(i % 2 == 0)));
        }
    }

    private IChatClient Build(IChatClient model, CircuitBreakerOptions? options = null) =>
        model.AsBuilder().UseCircuitBreaker(options ?? new CircuitBreakerOptions()).Build(_services);

    private ValueTask<CircuitStatus> StatusAsync() => _store.GetAsync(
        Model,
        new CircuitSettings
        {
            FailureRatio = 0.5,
            MinimumCalls = 10,
            Window = TimeSpan.FromSeconds(60),
            OpenDuration = TimeSpan.FromSeconds(30),
            MaxOpenDuration = TimeSpan.FromMinutes(5),
            SuccessesToClose = 2,
            ProbeLease = TimeSpan.FromMinutes(2),
        },
        Token);

    private sealed class BrokenStore(bool atOnce, Exception error) : ICircuitBreakerStore
    {
        public ValueTask<CircuitDecision> TryAcquireAsync(string key, CircuitSettings settings, CancellationToken cancellationToken)
        {
            return atOnce ? throw error : LaterAsync();

            async ValueTask<CircuitDecision> LaterAsync()
            {
                await Task.Yield();
                throw error;
            }
        }

        public ValueTask<CircuitReportResult> ReportAsync(
            CircuitPermit permit, CircuitSettings settings, CircuitOutcome outcome, TimeSpan pauseFor, CancellationToken cancellationToken) =>
            throw error;

        public ValueTask<CircuitStatus> GetAsync(string key, CircuitSettings settings, CancellationToken cancellationToken) =>
            throw error;
    }
}
