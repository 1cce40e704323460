using AgentHosting.ResponseCaching;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace AgentHosting.Benchmarks;

/// <summary>What an answer from the cache costs, beside UseDistributedCache of Microsoft.Extensions.AI over its in-memory store.</summary>
public class ResponseCacheBenchmark
{
    private readonly ChatOptions _options = new() { ModelId = "gpt-4o-mini", Temperature = 0.2f, MaxOutputTokens = 200 };
    private ChatMessage[] _messages = [];
    private IChatClient _peer = null!;
    private IChatClient _ours = null!;
    private IChatClient _missing = null!;

    /// <summary>Two messages of some 60 characters, or forty of 500.</summary>
    [Params("short", "20kB")]
    public string Prompt { get; set; } = "short";

    [GlobalSetup]
    public void Setup()
    {
        _messages = Prompt == "short"
            ? [new(ChatRole.System, "Be brief and polite."), new(ChatRole.User, "What is the capital of France, please?")]
            : [.. Enumerable.Range(0, 40).Select(static i => new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, string.Concat(Enumerable.Repeat($"word{i} ", 100))[..500]))];
        _peer = new LeafChatClient().AsBuilder().UseDistributedCache(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()))).Build();
        _ours = new LeafChatClient().AsBuilder().UseResponseCache(new ResponseCacheOptions()).Build();
        _missing = new LeafChatClient().AsBuilder().UseResponseCache(new ResponseCacheOptions { SizeLimit = 0 }).Build();
        _peer.GetResponseAsync(_messages, _options).GetAwaiter().GetResult();
        _ours.GetResponseAsync(_messages, _options).GetAwaiter().GetResult();
    }

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> DistributedCacheHit() => _peer.GetResponseAsync(_messages, _options);

    [Benchmark]
    public Task<ChatResponse> ResponseCacheHit() => _ours.GetResponseAsync(_messages, _options);

    [Benchmark]
    public Task<ChatResponse> ResponseCacheMiss() => _missing.GetResponseAsync(_messages, _options);

    [Benchmark]
    public async Task<int> DistributedCacheHitStreaming() => await CountAsync(_peer);

    [Benchmark]
    public async Task<int> ResponseCacheHitStreaming() => await CountAsync(_ours);

    [Benchmark]
    public async Task<int> ResponseCacheMissStreaming() => await CountAsync(_missing);

    private async Task<int> CountAsync(IChatClient client)
    {
        var count = 0;
        await foreach (var update in client.GetStreamingResponseAsync(_messages, _options))
        {
            count += update.Contents.Count;
        }

        return count;
    }
}
