using System.Diagnostics.Metrics;
using AgentHosting.ResponseCaching;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentHosting;

/// <summary>Inserts the response cache into a pipeline.</summary>
public static class ResponseCacheChatClientBuilderExtensions
{
    /// <summary>Answers identical requests from memory, and from a shared cache if there is one. Needs no services.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">The settings; not to be changed afterwards.</param>
    /// <param name="cache">A cache that replicas share; <see langword="null"/> for the memory of this process alone.</param>
    /// <param name="embeddings">The embedding model of the semantic cache, if that is enabled.</param>
    /// <returns>The pipeline.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The settings are invalid.</exception>
    public static ChatClientBuilder UseResponseCache(
        this ChatClientBuilder builder,
        ResponseCacheOptions options,
        HybridCache? cache = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var validated = StageRegistration.Validated<ResponseCacheOptions, ResponseCacheOptionsValidator>(options);
        return builder.Use(inner => new ResponseCacheChatClient(inner, validated, new ResponseCacheServices { Cache = cache, Embeddings = embeddings }));
    }

    /// <summary>
    /// Answers identical requests from the cache. Settings are those of <c>AddResponseCache</c>; a registered <see cref="HybridCache"/>,
    /// <see cref="IResponseCacheLock"/> and embedding generator are used.
    /// </summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="optionsName">The name of the settings; <see langword="null"/> for the default ones.</param>
    /// <returns>The pipeline.</returns>
    public static ChatClientBuilder UseResponseCache(this ChatClientBuilder builder, string? optionsName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) => new ResponseCacheChatClient(
            inner,
            services.GetStageOptions<ResponseCacheOptions>(optionsName, nameof(ResponseCacheAgentHostingBuilderExtensions.AddResponseCache)),
            new ResponseCacheServices
            {
                Cache = services.GetService<HybridCache>(),
                Lock = services.GetService<IResponseCacheLock>(),
                Embeddings = services.GetService<IEmbeddingGenerator<string, Embedding<float>>>(),
                Meters = services.GetService<IMeterFactory>(),
                Time = services.GetRequiredService<TimeProvider>(),
                Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("AgentHosting.ResponseCaching"),
            }));
    }
}
