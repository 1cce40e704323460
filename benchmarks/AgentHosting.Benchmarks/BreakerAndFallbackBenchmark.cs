using AgentHosting.CircuitBreakers;
using AgentHosting.Fallbacks;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>What circuit breaker and fallback add to a call that succeeds.</summary>
public class BreakerAndFallbackBenchmark
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "What is the capital of France?")];
    private readonly ChatOptions _options = new() { ModelId = "mini", MaxOutputTokens = 100 };
    private readonly LeafChatClient _leaf = new();
    private IChatClient _breaker = null!;
    private IChatClient _fallback = null!;

    [GlobalSetup]
    public void Setup()
    {
        _breaker = _leaf.AsBuilder().UseCircuitBreaker(new CircuitBreakerOptions()).Build();
        _fallback = _leaf.AsBuilder().UseFallback(new FallbackOptions { Models = { "large" } }).Build();
    }

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Leaf() => _leaf.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Breaker() => _breaker.GetResponseAsync(Messages, _options);

    [Benchmark]
    public Task<ChatResponse> Fallback() => _fallback.GetResponseAsync(Messages, _options);

    [Benchmark]
    public ValueTask<int> LeafStream() => CountAsync(_leaf);

    [Benchmark]
    public ValueTask<int> BreakerStream() => CountAsync(_breaker);

    [Benchmark]
    public ValueTask<int> FallbackStream() => CountAsync(_fallback);

    private async ValueTask<int> CountAsync(IChatClient client)
    {
        var count = 0;
        await foreach (var update in client.GetStreamingResponseAsync(Messages, _options))
        {
            count += update.Contents.Count;
        }

        return count;
    }
}
