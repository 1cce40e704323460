using AgentHosting.ResponseCaching;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;

namespace AgentHosting;

/// <summary>Inserts the response cache into a pipeline.</summary>
public static class ResponseCacheChatClientBuilderExtensions
{
    /// <summary>Answers identical requests from memory, and from a shared cache if there is one. Needs no services, and uses those that are there.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The settings; not to be changed afterwards.</param>
    /// <param name="cache">A cache that replicas share; <see langword="null"/> for a registered one; without any, answers stay in the memory of this process.</param>
    /// <param name="embeddings">The embedding model of the semantic cache, if that is enabled; <see langword="null"/> for a registered one.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The settings are invalid.</exception>
    public static ChatClientBuilder UseResponseCache(
        this ChatClientBuilder builder,
        ResponseCacheOptions options,
        HybridCache? cache = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null) =>
        builder.UseStage<ResponseCacheOptions, ResponseCacheOptionsValidator>(
            options, (inner, options, services) => Create(inner, options, services, cache, embeddings));

    /// <summary>
    /// Answers identical requests from the cache. Settings are those of <c>AddResponseCache</c>; a registered <see cref="HybridCache"/>,
    /// <see cref="IResponseCacheLock"/> and embedding generator are used.
    /// </summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the settings; <see langword="null"/> for the default ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseResponseCache(this ChatClientBuilder builder, string? optionsName = null) =>
        builder.UseStage<ResponseCacheOptions>(optionsName, static (inner, options, services) => Create(
            inner, options, services, cache: null, embeddings: null));

    private static ResponseCacheChatClient Create(
        IChatClient inner,
        ResponseCacheOptions options,
        StageServices services,
        HybridCache? cache,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings) => new(inner, options, new ResponseCacheServices
        {
            Cache = cache ?? services.Get<HybridCache>(),
            Lock = services.Get<IResponseCacheLock>(),
            Embeddings = embeddings ?? services.Get<IEmbeddingGenerator<string, Embedding<float>>>(),
            Meters = services.Meters,
            Time = services.Time,
            Logger = services.Logger<ResponseCacheChatClient>(),
        });
}
