using AgentHosting.ResponseCaching;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Core.Tests.ResponseCaching;

/// <summary>The stage over a given client, with a clock, counters and a log.</summary>
internal sealed class CacheUnderTest : IDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly MetricCollector<long> _requests;
    private readonly MetricCollector<long> _saved;

    public CacheUnderTest(
        IChatClient inner,
        ResponseCacheOptions? options = null,
        HybridCache? cache = null,
        IResponseCacheLock? @lock = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null)
    {
        _requests = new MetricCollector<long>(_meters, "AgentHosting", "agenthosting.response_cache.requests");
        _saved = new MetricCollector<long>(_meters, "AgentHosting", "agenthosting.response_cache.saved_tokens");
        Stage = new ResponseCacheChatClient(inner, options ?? new ResponseCacheOptions(), new ResponseCacheServices
        {
            Cache = cache,
            Lock = @lock,
            Embeddings = embeddings,
            Meters = _meters,
            Time = Time,
            Logger = new FakeLogger(Logs),
        });
    }

    public ResponseCacheChatClient Stage { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeLogCollector Logs { get; } = new();

    public string[] Results => [.. _requests.GetMeasurementSnapshot().Select(static one => (string)one.Tags["agenthosting.response_cache.result"]!)];

    public string?[] Levels => [.. _requests.GetMeasurementSnapshot().Select(static one => one.Tags.GetValueOrDefault("agenthosting.response_cache.level") as string)];

    public long SavedTokens => _saved.GetMeasurementSnapshot().Sum(static one => one.Value);

    /// <summary>Asks in either shape.</summary>
    public async Task<ChatResponse> AskAsync(bool streaming, string text, ChatOptions? options = null, CancellationToken? cancellationToken = null)
    {
        var token = cancellationToken ?? TestContext.Current.CancellationToken;
        return streaming
            ? await Stage.GetStreamingResponseAsync(text, options, token).ToChatResponseAsync(token)
            : await Stage.GetResponseAsync(text, options, token);
    }

    /// <summary>Reads a stream, update by update.</summary>
    public async Task<string> AskStreamTextAsync(string text)
    {
        var read = "";
        await foreach (var update in Stage.GetStreamingResponseAsync(text, null, TestContext.Current.CancellationToken))
        {
            read += update.Text;
        }

        return read;
    }

    public void Dispose()
    {
        _requests.Dispose();
        _saved.Dispose();
        _meters.Dispose();
        Stage.Dispose();
    }
}
