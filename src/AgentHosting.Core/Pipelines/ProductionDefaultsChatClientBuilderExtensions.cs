using AgentHosting.CircuitBreakers;
using AgentHosting.ContextWindows;
using AgentHosting.Fallbacks;
using AgentHosting.Guardrails;
using AgentHosting.ModelRouting;
using AgentHosting.Models;
using AgentHosting.Pipelines;
using AgentHosting.RateLimits;
using AgentHosting.ResponseCaching;
using AgentHosting.Retries;
using AgentHosting.SpendLedgers;
using AgentHosting.SpendLedgers.Internal;
using AgentHosting.Stages.Internal;
using AgentHosting.Timeouts;
using AgentHosting.TokenBudgets;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentHosting;

/// <summary>Adds the stages that a production pipeline needs, in the order in which they keep their promises.</summary>
public static class ProductionDefaultsChatClientBuilderExtensions
{
    /// <summary>
    /// Adds transcript repair, retry, circuit breaker and attempt time limits, and what was registered or <paramref name="configure"/> asks for besides, in the recommended order.
    /// Building the pipeline throws an <see cref="Microsoft.Extensions.Options.OptionsValidationException"/> when options of a stage are not valid.
    /// </summary>
    /// <param name="builder">The pipeline of an agent, or any builder. Without a model catalog below it, the tool loop is added too.</param>
    /// <param name="configure">Changes what is added. Called whenever the pipeline is built, with the registered options.</param>
    /// <returns>The builder.</returns>
    public static ChatClientBuilder UseProductionDefaults(this ChatClientBuilder builder, Action<ProductionDefaultsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use((inner, services) =>
        {
            var options = Registered(services);
            options.ModelRateLimit ??= LimitedModels(inner);
            options.ContextWindow ??= ModelsWithWindows(inner);
            configure?.Invoke(options);
            if (options.TokenBudget is not null)
            {
                // One for the stages around the fallback's own clients too, or a cap would hold for each of them.
                options.SpendLedger = services.GetService<ISpendLedger>() ?? InMemorySpendLedger.Create(services.GetService<TimeProvider>() ?? TimeProvider.System);
            }

            var stages = inner.AsBuilder();
            if (options.InputGuard is { } inputGuard && inner.GetService<IModelCatalog>() is null)
            {
                stages.UseInputGuard(inputGuard);
            }

            if (options.ToolValidation is { } toolValidation && inner.GetService<IModelCatalog>() is null)
            {
                stages.UseToolValidation(toolValidation);
            }

            return Add(stages.Use(AddToolLoop), options).Build(services);
        });
    }

    private static ProductionDefaultsOptions Registered(IServiceProvider services) => new()
    {
        InputGuard = StageRegistration.CreateUnnamed<InputGuardOptions>(services),
        ToolValidation = StageRegistration.CreateUnnamed<ToolValidationOptions>(services),
        ModelRouter = StageRegistration.CreateUnnamed<ModelRouterOptions>(services),
        ContextWindow = StageRegistration.CreateUnnamed<ContextWindowOptions>(services),
        ResponseCache = StageRegistration.CreateUnnamed<ResponseCacheOptions>(services),
        OutputGuard = StageRegistration.CreateUnnamed<OutputGuardOptions>(services),
        Fallback = StageRegistration.CreateUnnamed<FallbackOptions>(services),
        Retry = StageRegistration.CreateUnnamed<RetryOptions>(services) ?? new RetryOptions(),
        CircuitBreaker = StageRegistration.CreateUnnamed<CircuitBreakerOptions>(services) ?? new CircuitBreakerOptions(),
        ModelRateLimit = StageRegistration.CreateUnnamed<ModelRateLimitOptions>(services),
        TokenBudget = StageRegistration.CreateUnnamed<TokenBudgetOptions>(services),
        Timeout = StageRegistration.CreateUnnamed<TimeoutOptions>(services) ?? new TimeoutOptions(),
    };

    // A limit that is set for a model holds without another line.
    private static ModelRateLimitOptions? LimitedModels(IChatClient inner) =>
        inner.GetService<IModelCatalog>() is { } catalog
            && catalog.Names.Any(name => catalog.Find(name)?.Options is { RequestsPerMinute: not null } or { TokensPerMinute: not null })
            ? new ModelRateLimitOptions()
            : null;

    // A history that grows for ever would fail for ever once it is too long.
    private static ContextWindowOptions? ModelsWithWindows(IChatClient inner) =>
        inner.GetService<IModelCatalog>() is { } catalog && catalog.Names.Any(name => catalog.Find(name)?.Options.ContextWindow is not null)
            ? new ContextWindowOptions()
            : null;

    private static ChatClientBuilder Add(ChatClientBuilder stages, ProductionDefaultsOptions options)
    {
        if (options.ModelRouter is { } router)
        {
            stages.UseModelRouter(router);
        }

        if (options.ContextWindow is { } window)
        {
            stages.UseContextWindow(window);
        }
        else
        {
            stages.UseTranscriptRepair();
        }

        if (options.ResponseCache is { } cache)
        {
            stages.UseResponseCache(cache);
        }

        if (options.OutputGuard is { } outputGuard)
        {
            stages.UseOutputGuard(outputGuard);
        }

        if (options.Fallback is { } fallback)
        {
            stages.UseFallback(fallback, (client, key, services) => AroundOwn(client, key, options, services));
        }

        return AddAttemptStages(stages, options, options.CircuitBreaker, options.ModelRateLimit);
    }

    // A client of the fallback's own is no call through the stages below the fallback, so it gets the same ones, and a circuit and a rate limit of its own.
    private static IChatClient AroundOwn(IChatClient client, string key, ProductionDefaultsOptions options, IServiceProvider services) =>
        (PipelineOrder.In(client) & ~PipelineStage.ToolLoop) != PipelineStage.None
            ? client
            : AddAttemptStages(client.AsBuilder(), options, options.CircuitBreaker?.WithKey(key), options.ModelRateLimit?.WithKey(key)).Build(services);

    private static ChatClientBuilder AddAttemptStages(
        ChatClientBuilder stages, ProductionDefaultsOptions options, CircuitBreakerOptions? circuitBreaker, ModelRateLimitOptions? rateLimit)
    {
        if (options.Retry is { } retry)
        {
            stages.UseRetry(retry);
        }

        if (circuitBreaker is not null)
        {
            stages.UseCircuitBreaker(circuitBreaker);
        }

        if (rateLimit is not null)
        {
            stages.UseModelRateLimit(rateLimit);
        }

        if (options.TokenBudget is { } budget)
        {
            stages.UseTokenBudget(budget, options.SpendLedger);
        }

        return options.Timeout is { } timeout ? stages.UseTimeout(timeout) : stages;
    }

    // The host of an agent has a journaled tool loop of its own above the pipeline.
    private static IChatClient AddToolLoop(IChatClient inner, IServiceProvider services) =>
        inner.GetService<IModelCatalog>() is not null || inner.GetService<FunctionInvokingChatClient>() is not null
            ? inner
            : new FunctionInvokingChatClient(inner, services.GetService<ILoggerFactory>(), services);
}
