using System.Runtime.CompilerServices;
using AgentHosting.ModelRouting;
using AgentHosting.ModelRouting.Internal;
using AgentHosting.Pricing;
using AgentHosting.ResponseCaching;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ModelRouting;

/// <summary>The router stands above the response cache: of many who share one call, the model has one.</summary>
public sealed class LatencySharedCallTests : IDisposable
{
    private const int Callers = 5;
    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource[] _gates = [.. Enumerable.Range(0, 3).Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
    private readonly StubChatClient _model;
    private readonly LatencyTracker _tracker;
    private readonly ModelRouterChatClient _client;
    private int _begun;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public LatencySharedCallTests()
    {
        _model = new StubChatClient(AnswerAsync, StreamAsync);
        var options = new ModelRouterOptions { Policy = ModelRoutePolicies.Latency, Candidates = { new() { Model = "mini" } } };
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_clock).BuildServiceProvider();
        var cached = _model.AsBuilder().UseResponseCache(new ResponseCacheOptions()).Build(services);
        var policies = new RoutePolicyFactory(options, cached, null, services, _clock, static () => 0);
        _client = new ModelRouterChatClient(cached, options, policies, TokenEstimator.Instance, NullLogger.Instance, new ModelRouterMetrics(null));
        _tracker = policies.Tracker!;
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task InFlight_CallsThatWaitForAnIdenticalOne_AreNone(bool first, bool others)
    {
        var calls = Share(first, others);
        Assert.Equal(2, _tracker.LoadOf("mini", first));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _gates[0].SetResult();

        Assert.All(await Task.WhenAll(calls), static response => Assert.Equal("answer", response.Text));
        Assert.Equal(1, _model.Calls);
        Assert.Equal(1001, _tracker.LoadOf("mini", first));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InFlight_OneTakesOverAFailedCall_IsOne(bool streaming)
    {
        var calls = Share(streaming, streaming);
        _gates[0].SetException(new ProviderException(503));
        await Assert.ThrowsAsync<ProviderException>(() => calls[0]);
        await UntilCalledAsync(2);
        Assert.Equal(2 * 10_001, _tracker.LoadOf("mini", streaming));
        _gates[1].SetResult();

        Assert.All(await Task.WhenAll(calls[1..]), static response => Assert.Equal("answer", response.Text));
        Assert.Equal(1, _tracker.LoadOf("mini", !streaming));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_OfASharedCall_CountsOnce(bool streaming)
    {
        var answered = AskAsync("Something else", streaming, Token);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _gates[0].SetResult();
        await answered;

        var calls = Share(streaming, streaming);
        _gates[1].SetException(new ProviderException(503));
        await UntilCalledAsync(3);
        _gates[2].SetException(new ProviderException(503));
        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<ProviderException>(() => call);
        }

        // Two calls of the model, as a rule: that of the first caller, and one for those who had waited for it. Who comes to know too late makes one more.
        var expected = Enumerable.Range(0, _begun - 1).Aggregate(1000.0, static (average, _) => (average * 0.7) + (10_000 * 0.3));
        Assert.Equal(1 + expected, _tracker.LoadOf("mini", streaming), precision: 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InFlight_OneThatWaitsIsCancelled_LeavesTheCount(bool streaming)
    {
        using var cancel = new CancellationTokenSource();
        var first = AskAsync("Hi", streaming, Token);
        var second = AskAsync("Hi", streaming, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(2, _tracker.LoadOf("mini", streaming));
        _gates[0].SetResult();

        await first;
        Assert.Equal(1, _tracker.LoadOf("mini", streaming));
    }

    private Task<ChatResponse>[] Share(bool first, bool others) =>
        [AskAsync("Hi", first, Token), .. Enumerable.Range(1, Callers - 1).Select(_ => AskAsync("Hi", others, Token))];

    private Task<ChatResponse> AskAsync(string prompt, bool streaming, CancellationToken cancellationToken) => streaming
        ? _client.GetStreamingResponseAsync(prompt, cancellationToken: cancellationToken).ToChatResponseAsync(CancellationToken.None)
        : _client.GetResponseAsync(prompt, cancellationToken: cancellationToken);

    private async Task UntilCalledAsync(int calls)
    {
        while (Volatile.Read(ref _begun) < calls)
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<ChatResponse> AnswerAsync(CancellationToken cancellationToken)
    {
        await _gates[Math.Min(Interlocked.Increment(ref _begun), _gates.Length) - 1].Task.WaitAsync(cancellationToken);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, "answer")) { FinishReason = ChatFinishReason.Stop };
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _gates[Math.Min(Interlocked.Increment(ref _begun), _gates.Length) - 1].Task.WaitAsync(cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "answer") { FinishReason = ChatFinishReason.Stop };
    }
}
