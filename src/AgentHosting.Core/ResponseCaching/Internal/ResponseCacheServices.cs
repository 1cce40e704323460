using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>What the stage uses of its surroundings; all of it can be missing.</summary>
internal sealed class ResponseCacheServices
{
    public HybridCache? Cache { get; init; }

    public IResponseCacheLock? Lock { get; init; }

    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings { get; init; }

    public IMeterFactory? Meters { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
