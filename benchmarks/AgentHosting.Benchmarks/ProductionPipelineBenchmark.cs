using AgentHosting.Benchmarks.Peers;
using AgentHosting.Fallbacks;
using AgentHosting.ModelRouting;
using AgentHosting.ResponseCaching;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>
/// The whole pipeline on a request that is in no cache, beside what a team assembles from public parts. Both have logging with nothing to log, telemetry that
/// is listened to, a cache, and the tool loop; theirs has Polly's retry, breaker and timeout around the call (a stream it cannot cover), ours has router,
/// fallback, retry, breaker and timeout in both shapes. Questions go round in a circle that is larger than our cache, so that each is missed and stored.
/// </summary>
public class ProductionPipelineBenchmark
{
    private const string Source = "benchmark";
    private const int Questions = 64;
    private static readonly ChatMessage[][] Prompts =
    [
        .. Enumerable.Range(0, Questions).Select(static number => new[]
        {
            new ChatMessage(ChatRole.System, "You are a helpful assistant."),
            new ChatMessage(ChatRole.User, $"What is the capital of country {number:00}?"),
        }),
    ];

    private readonly LeafChatClient _leaf = new();
    private readonly QuietLoggerFactory _loggers = new();
    private TelemetryListener _listener = null!;
    private IChatClient _typical = null!;
    private IChatClient _ours = null!;
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _listener = new TelemetryListener(Source);
        _typical = _leaf.AsBuilder()
            .UseLogging(_loggers)
            .UseOpenTelemetry(_loggers, Source)
            .UseDistributedCache(new ForgetfulCache())
            .UseFunctionInvocation(_loggers)
            .Use(static inner => new PollyChatClient(inner))
            .Build();
        _ours = _leaf.AsBuilder()
            .UseLogging(_loggers)
            .UseOpenTelemetry(_loggers, Source)
            .UseProductionDefaults(static options =>
            {
                options.ModelRouter = new ModelRouterOptions { Candidates = { new() { Model = "mini" }, new() { Model = "large" } } };
                options.ResponseCache = new ResponseCacheOptions { SizeLimit = 16_000, MaxEntryBytes = 8_000 };
                options.Fallback = new FallbackOptions { Models = { "large", "other" } };
            })
            .Build();
    }

    [GlobalCleanup]
    public void Cleanup() => _listener.Dispose();

    [Benchmark]
    public Task<ChatResponse> Leaf() => _leaf.GetResponseAsync(Next());

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> TypicalStackMiss() => _typical.GetResponseAsync(Next());

    [Benchmark]
    public Task<ChatResponse> ProductionMiss() => _ours.GetResponseAsync(Next());

    [Benchmark]
    public Task<int> LeafStreaming() => CountAsync(_leaf);

    [Benchmark]
    public Task<int> TypicalStackMissStreaming() => CountAsync(_typical);

    [Benchmark]
    public Task<int> ProductionMissStreaming() => CountAsync(_ours);

    private ChatMessage[] Next() => Prompts[_next++ % Questions];

    private async Task<int> CountAsync(IChatClient client)
    {
        var count = 0;
        await foreach (var update in client.GetStreamingResponseAsync(Next()))
        {
            count += update.Contents.Count;
        }

        return count;
    }
}
