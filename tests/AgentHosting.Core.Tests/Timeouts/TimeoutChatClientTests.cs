using AgentHosting.Failures;
using AgentHosting.Testing;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.Timeouts;

public sealed class TimeoutChatClientTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _logs = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_InTime_PassesThrough(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Text("all is well"));

        Assert.Equal("all is well", await CollectAsync(Client(inner), streaming, Token));
    }

    [Theory]
    [InlineData("attempt")]
    [InlineData("call")]
    public async Task Total_WholeResponseStalls_NamesTheLimit(string name)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fault(WireFault.StallBeforeHeaders));
        var call = CollectAsync(Client(inner, new TimeoutOptions { Total = TimeSpan.FromSeconds(5), Name = name }), streaming: false, Token);
        await inner.WaitForRequestsAsync(1, Token);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        var exception = await Assert.ThrowsAsync<ChatTimeoutException>(() => call);

        Assert.Equal(name, exception.Limit);
        Assert.Equal(TimeSpan.FromSeconds(5), exception.Timeout);
        Assert.Contains("TimeoutOptions.Total", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, inner.InFlight);
        Assert.Equal(1300, _logs.LatestRecord.Id.Id);
    }

    [Fact]
    public async Task FirstToken_WholeResponseStalls_DoesNotApply()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Text("late").WithDelay(TimeSpan.FromMinutes(5))) { TimeProvider = _clock };
        var call = CollectAsync(Client(inner), streaming: false, Token);
        await inner.WaitForRequestsAsync(1, Token);

        Assert.Equal("late", await DriveAsync(call));
    }

    [Fact]
    public async Task FirstToken_OnlyARoleComes_Passes()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("a").StallAfter(0));
        var call = CollectAsync(Client(inner), streaming: true, Token);
        await inner.WaitForRequestsAsync(1, Token);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        var exception = await Assert.ThrowsAsync<ChatTimeoutException>(() => call);

        Assert.Equal("first token", exception.Limit);
        Assert.Equal(0, inner.InFlight);
    }

    [Fact]
    public async Task Idle_StreamStalls_Passes()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("a", "b").StallAfter(1));
        var seen = new List<string>();
        var call = CollectAsync(Client(inner, new TimeoutOptions { Idle = TimeSpan.FromSeconds(7) }), streaming: true, Token, seen);
        await inner.WaitForRequestsAsync(1, Token);

        var exception = await Assert.ThrowsAsync<ChatTimeoutException>(() => DriveAsync(call));

        Assert.Equal("idle stream", exception.Limit);
        Assert.Equal(["a"], seen);
        Assert.Equal(ChatFailureKind.TimedOut, ChatFailureClassifier.Classify(exception, _clock, Token).Kind);
    }

    [Fact]
    public async Task Idle_SlowDrip_IsMovedAlongByEachUpdate()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream([.. Enumerable.Repeat("x", 30)]).WithChunkDelay(TimeSpan.FromSeconds(6))) { TimeProvider = _clock };
        var call = CollectAsync(Client(inner, new TimeoutOptions { Idle = TimeSpan.FromSeconds(7), FirstToken = TimeSpan.FromSeconds(7) }), streaming: true, Token);

        Assert.Equal(30, (await DriveAsync(call)).Length);
    }

    [Fact]
    public async Task Total_SlowDrip_Passes()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream([.. Enumerable.Repeat("x", 30)]).WithChunkDelay(TimeSpan.FromSeconds(6))) { TimeProvider = _clock };
        var call = CollectAsync(Client(inner, new TimeoutOptions { Total = TimeSpan.FromSeconds(60) }), streaming: true, Token);

        Assert.Equal("attempt", (await Assert.ThrowsAsync<ChatTimeoutException>(() => DriveAsync(call))).Limit);
    }

    [Fact]
    public async Task Idle_CallerReadsSlowly_DoesNotPass()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("a", "b", "c"));
        var text = "";
        await foreach (var update in Client(inner).GetStreamingResponseAsync("hi", cancellationToken: Token))
        {
            text += update.Text;
            _clock.Advance(TimeSpan.FromSeconds(text.Length > 0 ? 60 : 0));
        }

        Assert.Equal("abc", text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_IgnoresItsToken_IsLeftBehind(bool streaming)
    {
        var inner = new DeafChatClient();
        var options = new TimeoutOptions { Total = TimeSpan.FromSeconds(5) };
        var call = CollectAsync(Client(inner, options), streaming, Token);

        var exception = await Assert.ThrowsAsync<ChatTimeoutException>(() => DriveAsync(call));

        Assert.Equal("attempt", exception.Limit);
        Assert.Contains(_logs.GetSnapshot(), record => record.Id.Id == 1301);
        inner.Release();
        await inner.Disposed.WaitAsync(Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CallerCancels_IsNoTimeout(bool streaming)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Fault(WireFault.StallBeforeFirstToken));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = CollectAsync(Client(inner), streaming, cancel.Token);
        await inner.WaitForRequestsAsync(1, Token);

        await cancel.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancel.Token, exception.CancellationToken);
        Assert.Equal(0, inner.InFlight);
        Assert.Empty(_logs.GetSnapshot());
    }

    [Fact]
    public async Task Stream_CallerStopsEarly_LeavesNothingOpenAndNoTimeoutBehind()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("a", "b").StallAfter(1)) { Repeat = true };
        var client = Client(inner);
        for (var i = 0; i < 3; i++)
        {
            await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: Token))
            {
                if (update.Text.Length > 0)
                {
                    break;
                }
            }

            _clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(0, inner.InFlight);
        Assert.Empty(_logs.GetSnapshot());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_InnerThrows_PassesThrough(bool streaming)
    {
        var error = new IOException("reset");
        using var inner = new ScriptedChatClient(ScriptedTurn.Fail(error));

        Assert.Same(error, await Record.ExceptionAsync(() => CollectAsync(Client(inner), streaming, Token)));
    }

    [Fact]
    public async Task Calls_ManyAtOnceWithRandomEnds_EachEndsAsItShould()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        using var inner = new ScriptedChatClient(request => (request.CallIndex % 3) switch
        {
            0 => ScriptedTurn.Stream("a", "b"),
            1 => ScriptedTurn.Stream("a", "b").StallAfter(1),
            _ => ScriptedTurn.Fail(500),
        });
        var client = Client(inner, new TimeoutOptions { Total = TimeSpan.FromSeconds(40), Idle = TimeSpan.FromSeconds(10), FirstToken = TimeSpan.FromSeconds(10) });
        var random = new Random(seed);
        var outcomes = new List<Task<Exception?>>();
        for (var i = 0; i < 300; i++)
        {
            outcomes.Add(Record.ExceptionAsync(() => CollectAsync(client, streaming: true, Token)).AsTask());
            if (random.Next(4) == 0)
            {
                _clock.Advance(TimeSpan.FromSeconds(random.Next(12)));
            }
        }

        while (outcomes.Exists(outcome => !outcome.IsCompleted))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var ends = await Task.WhenAll(outcomes);
        Assert.Equal(100, ends.Count(end => end is null));
        Assert.Equal(100, ends.Count(end => end is ChatTimeoutException));
        Assert.Equal(100, ends.Count(end => end is ScriptedHttpException));
        // A call that was cut unwinds after its caller has been told.
        await inner.WaitForIdleAsync(Token);
        Assert.Equal(0, inner.InFlight);
    }

    [Fact]
    public void Stage_StandsAnywhere_AndShowsWhatIsBelow()
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var client = new ChatClientBuilder(inner)
            .UseTimeout(new TimeoutOptions { Name = "call" }).UseRetry(new AgentHosting.Retries.RetryOptions()).UseTimeout(new TimeoutOptions()).Build();

        Assert.Same(inner, client.GetService<ScriptedChatClient>());
        Assert.NotNull(client.GetService<ChatClientMetadata>());
    }

    [Fact]
    public void Options_Defaults_AreThoseDocumented()
    {
        var options = new TimeoutOptions();

        Assert.Equal(TimeSpan.FromMinutes(10), options.Total);
        Assert.Equal(TimeSpan.FromSeconds(30), options.FirstToken);
        Assert.Equal(TimeSpan.FromSeconds(30), options.Idle);
        Assert.Equal("attempt", options.Name);
    }

    [Fact]
    public void UseTimeout_InvalidOptions_NamesEveryReason()
    {
        var options = new TimeoutOptions { Total = TimeSpan.Zero, FirstToken = TimeSpan.FromDays(60), Idle = TimeSpan.FromSeconds(-1), Name = "" };

        var exception = Assert.Throws<OptionsValidationException>(() => new ChatClientBuilder(new ScriptedChatClient(ScriptedTurn.Text("x"))).UseTimeout(options));

        foreach (var property in (string[])["Total", "FirstToken", "Idle", "Name"])
        {
            Assert.Contains(exception.Failures, failure => failure.StartsWith("AgentHosting:Timeout", StringComparison.Ordinal) && failure.Contains(property, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void UseTimeout_OptionsNotRegistered_NamesTheCall()
    {
        var exception = Assert.Throws<InvalidOperationException>(
            () => new ChatClientBuilder(new ScriptedChatClient(ScriptedTurn.Text("x"))).UseTimeout().Build());

        Assert.Contains("AddTimeout", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddTimeout_NamedConfiguration_WinsOverCode()
    {
        await using var host = await TestHost.StartAsync(
            builder => builder.AddModel("m", _ => new ScriptedChatClient(ScriptedTurn.Text("x"))).AddAgent("a", _ => { }).AddTimeout(options => options.Name = "call", "outer"),
            ("AgentHosting:Timeout:outer:Total", "00:01:00"));

        var options = host.Services.GetRequiredService<IOptionsMonitor<TimeoutOptions>>().Get("outer");

        Assert.Equal(TimeSpan.FromMinutes(1), options.Total);
        Assert.Equal("call", options.Name);
    }

    [Theory]
    [InlineData(0, 5, 30, "first token")]
    [InlineData(1, 30, 5, "idle stream")]
    public async Task Metrics_EachLimit_HasItsTag(int chunks, int firstToken, int idle, string expected)
    {
        using var inner = new ScriptedChatClient(ScriptedTurn.Stream("a", "b").StallAfter(chunks));
        var services = new ServiceCollection().AddMetrics().AddSingleton<TimeProvider>(_clock).AddLogging().BuildServiceProvider();
        using var collector = new MetricCollector<long>(
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "AgentHosting", "agenthosting.timeout.timeouts");
        var options = new TimeoutOptions { FirstToken = TimeSpan.FromSeconds(firstToken), Idle = TimeSpan.FromSeconds(idle) };
        var client = new ChatClientBuilder(inner).UseTimeout(options).Build(services);

        await Assert.ThrowsAsync<ChatTimeoutException>(() => DriveAsync(CollectAsync(client, streaming: true, Token)));

        var measurement = Assert.Single(collector.GetMeasurementSnapshot());
        Assert.Equal(expected, measurement.Tags["agenthosting.timeout.limit"]);
        Assert.Equal("scripted-model", measurement.Tags["gen_ai.request.model"]);
    }

    private AgentHosting.Timeouts.Internal.TimeoutChatClient Client(IChatClient inner, TimeoutOptions? options = null) => new AgentHosting.Timeouts.Internal.TimeoutChatClient(
        inner, options ?? new TimeoutOptions(), _clock, new FakeLogger(_logs), new AgentHosting.Timeouts.Internal.TimeoutMetrics(null));

    private async Task<string> DriveAsync(Task<string> call)
    {
        while (!call.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        return await call;
    }

    private static async Task<string> CollectAsync(IChatClient client, bool streaming, CancellationToken cancellationToken, List<string>? seen = null)
    {
        if (!streaming)
        {
            return (await client.GetResponseAsync("hi", cancellationToken: cancellationToken)).Text;
        }

        seen ??= [];
        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: cancellationToken))
        {
            if (update.Text.Length > 0)
            {
                seen.Add(update.Text);
            }
        }

        return string.Concat(seen);
    }
}
