using AgentHosting.Benchmarks.Peers;
using AgentHosting.CircuitBreakers;
using AgentHosting.Retries;
using AgentHosting.Timeouts;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>
/// What retry, circuit breaker and timeout add to a call that succeeds, beside Polly's three strategies: over a client that has its answer at once, and over
/// one that is waited for.
/// </summary>
public class ResilienceBenchmark
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "What is the capital of France?")];
    private readonly ChatOptions _options = new() { ModelId = "mini" };
    private readonly LeafChatClient _leaf = new();
    private readonly WaitingChatClient _waitingLeaf = new();
    private IChatClient _polly = null!;
    private IChatClient _pollyWaiting = null!;
    private IChatClient _waiting = null!;
    private IChatClient _ours = null!;
    private IChatClient _retry = null!;
    private IChatClient _breaker = null!;
    private IChatClient _timeout = null!;

    [GlobalSetup]
    public void Setup()
    {
        _polly = _leaf.AsBuilder().Use(static inner => new PollyChatClient(inner)).Build();
        _ours = _leaf.AsBuilder().UseRetry(new RetryOptions()).UseCircuitBreaker(new CircuitBreakerOptions()).UseTimeout(new TimeoutOptions()).Build();
        _pollyWaiting = _waitingLeaf.AsBuilder().Use(static inner => new PollyChatClient(inner)).Build();
        _waiting = _waitingLeaf.AsBuilder().UseRetry(new RetryOptions()).UseCircuitBreaker(new CircuitBreakerOptions()).UseTimeout(new TimeoutOptions()).Build();
        _retry = _leaf.AsBuilder().UseRetry(new RetryOptions()).Build();
        _breaker = _leaf.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions()).Build();
        _timeout = _leaf.AsBuilder().UseTimeout(new TimeoutOptions()).Build();
    }

    [Benchmark]
    public Task<ChatResponse> Leaf() => _leaf.GetResponseAsync(Messages, _options);

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> PollyRetryBreakerTimeout() => _polly.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> RetryBreakerTimeout() => _ours.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Retry() => _retry.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Breaker() => _breaker.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Timeout() => _timeout.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> WaitingLeaf() => _waitingLeaf.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> PollyWaiting() => _pollyWaiting.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> RetryBreakerTimeoutWaiting() => _waiting.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<int> LeafStreaming() => CountAsync(_leaf);

    [Benchmark]
    public Task<int> RetryBreakerTimeoutStreaming() => CountAsync(_ours);

    private async Task<int> CountAsync(IChatClient client)
    {
        var count = 0;
        await foreach (var update in client.GetStreamingResponseAsync(Messages, _options))
        {
            count += update.Contents.Count;
        }

        return count;
    }
}
