using AgentHosting.CircuitBreakers;
using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using AgentHosting.Testing;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.CircuitBreakers;

/// <summary>What callers do wrong, and how slowly they read, takes no model from the others; nor does a provider that overdoes its pause.</summary>
public sealed class CircuitBreakerSignalTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _logs = new();
    private readonly ServiceProvider _services;

    public CircuitBreakerSignalTests() => _services = new ServiceCollection()
        .AddSingleton<TimeProvider>(_clock)
        .AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_logs)))
        .BuildServiceProvider();

    public static TheoryData<Exception> Mistakes =>
    [
        new ArgumentException("Content must not be empty."), new ArgumentNullException("messages"), new NotSupportedException("no images"),
        new InvalidOperationException("bug"), new ObjectDisposedException("client"), new KeyNotFoundException("bug"), new InvalidCastException("bug"),
    ];

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Call_MistakeOfAProgram_IsNotCounted(Exception mistake)
    {
        using var model = new ScriptedChatClient(request => request.CallIndex < 20 ? ScriptedTurn.Fail(mistake) : ScriptedTurn.Text("well"));
        using var client = Build(model);
        for (var i = 0; i < 20; i++)
        {
            Assert.Same(mistake, await Record.ExceptionAsync(() => client.CallAsync(i % 2 == 0)));
        }

        Assert.Equal("well", (await client.CallAsync(streaming: false)).Text);
    }

    [Fact]
    public async Task Call_UnknownErrorOfAClient_IsCounted()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(new StrangeException())) { Repeat = true };
        using var client = Build(model);
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(await Record.ExceptionAsync(() => client.CallAsync(streaming: false)));
        }

        await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming: false));
    }

    [Fact]
    public async Task Stream_ManySlowReaders_LeaveTheCircuitClosed()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Stream("a", "b", "c")) { Repeat = true };
        using var client = model.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions()).UseTimeout(new TimeoutOptions()).Build(_services);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal("abc", (await client.CallAsync(streaming: true, seen: _ => _clock.Advance(TimeSpan.FromMinutes(4)))).Text);
        }

        Assert.Equal("abc", (await client.CallAsync(streaming: false)).Text);
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("", false, true)]
    [InlineData("cut", true, true)]
    [InlineData("a response that came whole", false, false)]
    public async Task Answer_WithoutFinishReason_IsAFailureUnlessItCameWhole(string text, bool streaming, bool opens)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text(text).WithoutFinishReason()) { Repeat = true };
        using var client = Build(model);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(text, (await client.CallAsync(streaming)).Text);
        }

        var next = await Record.ExceptionAsync(() => client.CallAsync(streaming));
        Assert.Equal(opens, next is CircuitOpenException);
    }

    [Theory]
    [InlineData(80_000, 300)]
    [InlineData(299, 299)]
    public async Task Call_RateLimitedForLong_IsAskedAgainAfterTheLongestPause(int asked, int paused)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(new ProviderException(429, TimeSpan.FromSeconds(asked))), ScriptedTurn.Text("well"));
        using var client = Build(model);
        await Assert.ThrowsAsync<ProviderException>(() => client.CallAsync(streaming: false));

        Assert.Equal(TimeSpan.FromSeconds(paused), (await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming: false))).RetryAfter);
        _clock.Advance(TimeSpan.FromSeconds(paused));

        Assert.Equal("well", (await client.CallAsync(streaming: false)).Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ShouldHandle_Throws_TheErrorOfTheModelIsTheCallers(bool streaming)
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Fail(503)) { Repeat = true };
        using var client = Build(model, new CircuitBreakerOptions { MinimumCalls = 1, ShouldHandle = static _ => throw new FormatException("bug") });

        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));
        await Assert.ThrowsAsync<ScriptedHttpException>(() => client.CallAsync(streaming));

        Assert.All(_logs.GetSnapshot(), static record => Assert.Equal((1405, typeof(FormatException)), (record.Id.Id, record.Exception?.GetType())));
    }

    [Fact]
    public async Task Stream_DisposalThrowsAfterAFailure_TheFailureIsTheCallersAndCounts()
    {
        using var inner = new StubChatClient(stream: _ => new FaultyStream(new ProviderException(503)));
        using var client = Build(inner, new CircuitBreakerOptions { MinimumCalls = 1 });

        await Assert.ThrowsAsync<ProviderException>(() => client.CallAsync(streaming: true));
        await Assert.ThrowsAsync<CircuitOpenException>(() => client.CallAsync(streaming: true));
    }

    [Fact]
    public void UseCircuitBreaker_Twice_IsRefused()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("x"));
        var builder = model.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions()).UseTimeout(new TimeoutOptions()).UseCircuitBreaker(new CircuitBreakerOptions());

        var exception = Assert.Throws<InvalidOperationException>(() => builder.Build());

        Assert.Contains("UseCircuitBreaker stands in this pipeline twice", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_LongerThanItsLease_ClosesTheCircuitAllTheSame()
    {
        using var model = new ScriptedChatClient(request => request.CallIndex switch
        {
            < 10 => ScriptedTurn.Fail(503),
            < 12 => ScriptedTurn.Text("slow").WithDelay(TimeSpan.FromMinutes(3)),
            _ => ScriptedTurn.Text("well"),
        })
        { TimeProvider = _clock };
        using var client = Build(model);
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(await Record.ExceptionAsync(() => client.CallAsync(streaming: false)));
        }

        _clock.Advance(TimeSpan.FromSeconds(30));
        var first = client.CallAsync(streaming: false);
        _clock.Advance(TimeSpan.FromMinutes(2));
        var second = client.CallAsync(streaming: true);
        await model.WaitForRequestsAsync(12, TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await first;
        _clock.Advance(TimeSpan.FromMinutes(2));
        await second;

        Assert.Contains(_logs.GetSnapshot(), static record => record.Id.Id == EventIds.CircuitClosed);
        Assert.Equal("well", (await client.CallAsync(streaming: false)).Text);
    }

    private IChatClient Build(IChatClient model, CircuitBreakerOptions? options = null) =>
        model.AsBuilder().UseCircuitBreaker(options ?? new CircuitBreakerOptions()).Build(_services);

    private sealed class StrangeException : Exception;
}
