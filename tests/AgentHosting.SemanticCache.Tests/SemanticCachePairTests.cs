using System.Numerics.Tensors;
using AgentHosting.ResponseCaching;
using AgentHosting.Testing;
using Microsoft.Extensions.AI;

namespace AgentHosting.SemanticCache.Tests;

/// <summary>The semantic cache over a real embedding model, on pairs of questions that were labelled by hand.</summary>
public sealed class SemanticCachePairTests : IDisposable
{
    private readonly MiniLmEmbeddingGenerator _embeddings = new();

    [Fact]
    public async Task NearMisses_NeverShareAnAnswer()
    {
        var pairs = Pairs("near-misses.tsv");
        var hits = await HitsAsync(pairs);

        Report("near misses", pairs, hits, await SimilarAsync(pairs));
        Assert.True(pairs.Count >= 120);
        Assert.Empty(hits);
    }

    [Fact]
    public async Task Paraphrases_SomeShareAnAnswer()
    {
        var pairs = Pairs("paraphrases.tsv");
        var hits = await HitsAsync(pairs);

        Report("paraphrases", pairs, hits, await SimilarAsync(pairs));
        Assert.True(pairs.Count >= 60);
        // A floor under what was measured, so that a change that makes the cache useless is seen.
        Assert.InRange(hits.Count, 20, pairs.Count);
    }

    [Fact]
    public async Task Hit_IsMarkedWithItsSimilarity()
    {
        using var model = new ScriptedChatClient(ScriptedTurn.Text("By mail.").WithUsage(10, 1));
        using var client = Client(model);
        await client.GetResponseAsync("How do I contact support?", cancellationToken: TestContext.Current.CancellationToken);
        var hit = await client.GetResponseAsync("How can I contact support?", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("By mail.", hit.Text);
        Assert.Equal("hit", hit.AdditionalProperties![ResponseCacheProperties.Result]);
        Assert.InRange((double)hit.AdditionalProperties[ResponseCacheProperties.Similarity]!, 0.95, 1);
        Assert.Equal(0, hit.Usage!.TotalTokenCount);
    }

    public void Dispose() => _embeddings.Dispose();

    // Both ways round: either question of a pair may be the one that was answered.
    private async Task<List<string>> HitsAsync(List<(string One, string Other)> pairs)
    {
        var hits = new List<string>();
        foreach (var (one, other) in pairs)
        {
            var both = await IsHitAsync(one, other);
            Assert.Equal(both, await IsHitAsync(other, one));
            if (both)
            {
                hits.Add($"{one} | {other}");
            }
        }

        return hits;
    }

    private async Task<bool> IsHitAsync(string first, string second)
    {
        using var model = new ScriptedChatClient(static request => ScriptedTurn.Text(request.LastUserText));
        using var client = Client(model);
        await client.GetResponseAsync(first, cancellationToken: TestContext.Current.CancellationToken);
        return (await client.GetResponseAsync(second, cancellationToken: TestContext.Current.CancellationToken)).Text == first;
    }

    private async Task<int> SimilarAsync(List<(string One, string Other)> pairs)
    {
        var similar = 0;
        foreach (var (one, other) in pairs)
        {
            var vectors = await _embeddings.GenerateAsync([one, other], cancellationToken: TestContext.Current.CancellationToken);
            similar += TensorPrimitives.CosineSimilarity(vectors[0].Vector.Span, vectors[1].Vector.Span) >= 0.95f ? 1 : 0;
        }

        return similar;
    }

    private IChatClient Client(IChatClient model) => model.AsBuilder()
        .UseResponseCache(new ResponseCacheOptions { Semantic = new SemanticCacheOptions { Enabled = true, EmbeddingTimeout = TimeSpan.FromMinutes(1) } }, embeddings: _embeddings)
        .Build();

    private static void Report(string name, List<(string One, string Other)> pairs, List<string> hits, int similar) =>
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{name}: {pairs.Count} pairs, {similar} with a similarity of 0.95 or more, {hits.Count} share an answer{Environment.NewLine}{string.Join(Environment.NewLine, hits)}");

    private static List<(string One, string Other)> Pairs(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, file)).Select(static line => line.Split('\t')).Select(static parts => (parts[0], parts[1])),
    ];
}
