using System.Diagnostics.CodeAnalysis;
using AgentHosting.CircuitBreakers;
using AgentHosting.Models;
using AgentHosting.Pipelines;
using AgentHosting.Pipelines.Internal;
using AgentHosting.Retries;
using AgentHosting.Timeouts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting;

/// <summary>Adds the stages that a production pipeline needs, in the order in which they keep their promises.</summary>
public static class ProductionDefaultsChatClientBuilderExtensions
{
    /// <summary>Adds retry, circuit breaker and attempt time limits, and what was registered or <paramref name="configure"/> asks for besides, in the recommended order.</summary>
    /// <param name="builder">The pipeline of an agent, or any builder. Without a model catalog below it, the tool loop is added too.</param>
    /// <param name="configure">Changes what is added.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="OptionsValidationException">The options of a stage are not valid.</exception>
    public static ChatClientBuilder UseProductionDefaults(this ChatClientBuilder builder, Action<ProductionDefaultsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new ProductionDefaultsOptions();
        configure?.Invoke(options);

        return builder.Use(AddToolLoop)
            .UseChoice(options.ModelRouterChoice, static (stages, router) => stages.UseModelRouter(router))
            .UseChoice(options.ResponseCacheChoice, static (stages, cache) => stages.UseResponseCache(cache))
            .UseChoice(options.FallbackChoice, static (stages, fallback) => stages.UseFallback(fallback))
            .UseChoice(options.RetryChoice, static (stages, retry) => stages.UseRetry(retry), new RetryOptions())
            .UseChoice(options.CircuitBreakerChoice, static (stages, breaker) => stages.UseCircuitBreaker(breaker), new CircuitBreakerOptions())
            .UseChoice(options.TimeoutChoice, static (stages, timeout) => stages.UseTimeout(timeout), new TimeoutOptions());
    }

    /// <summary>Adds a stage with the options that code chose, else with those that are registered, else with <paramref name="otherwise"/>.</summary>
    private static ChatClientBuilder UseChoice<[DynamicallyAccessedMembers(StageRegistration.OptionsMembers)] TOptions>(
        this ChatClientBuilder builder, StageChoice<TOptions> choice, Func<ChatClientBuilder, TOptions, ChatClientBuilder> use, TOptions? otherwise = null)
        where TOptions : class
    {
        if (choice.IsMade)
        {
            return choice.Options is { } chosen ? use(builder, chosen) : builder;
        }

        return builder.Use((inner, services) => (StageRegistration.FindUnnamed<TOptions>(services) ?? otherwise) is { } options
            ? use(inner.AsBuilder(), options).Build(services)
            : inner);
    }

    // The host of an agent has a journaled tool loop of its own above the pipeline.
    private static IChatClient AddToolLoop(IChatClient inner, IServiceProvider services) =>
        inner.GetService<IModelCatalog>() is not null || inner.GetService<FunctionInvokingChatClient>() is not null
            ? inner
            : new FunctionInvokingChatClient(inner, services.GetService<ILoggerFactory>(), services);
}
