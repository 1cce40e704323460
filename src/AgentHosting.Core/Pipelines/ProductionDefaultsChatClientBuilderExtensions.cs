using AgentHosting.Models;
using AgentHosting.Pipelines;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentHosting;

/// <summary>Adds the stages that a production pipeline needs, in the order in which they keep their promises.</summary>
public static class ProductionDefaultsChatClientBuilderExtensions
{
    /// <summary>Adds retry, circuit breaker and attempt time limits, and what <paramref name="configure"/> asks for besides, in the recommended order.</summary>
    /// <param name="builder">The pipeline of an agent, or any builder. Without a model catalog below it, the tool loop is added too.</param>
    /// <param name="configure">Changes what is added.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options of a stage are not valid.</exception>
    public static ChatClientBuilder UseProductionDefaults(this ChatClientBuilder builder, Action<ProductionDefaultsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new ProductionDefaultsOptions();
        configure?.Invoke(options);

        builder.Use(AddToolLoop);
        if (options.ModelRouter is { } router)
        {
            builder.UseModelRouter(router);
        }

        if (options.ResponseCache is { } cache)
        {
            builder.UseResponseCache(cache);
        }

        if (options.Fallback is { } fallback)
        {
            builder.UseFallback(fallback);
        }

        if (options.Retry is { } retry)
        {
            builder.UseRetry(retry);
        }

        if (options.CircuitBreaker is { } breaker)
        {
            builder.UseCircuitBreaker(breaker);
        }

        return options.Timeout is { } timeout ? builder.UseTimeout(timeout) : builder;
    }

    // The host of an agent has a journaled tool loop of its own above the pipeline.
    private static IChatClient AddToolLoop(IChatClient inner, IServiceProvider services) =>
        inner.GetService<IModelCatalog>() is not null || inner.GetService<FunctionInvokingChatClient>() is not null
            ? inner
            : new FunctionInvokingChatClient(inner, services.GetService<ILoggerFactory>(), services);
}
