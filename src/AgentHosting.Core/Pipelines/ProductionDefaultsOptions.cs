using AgentHosting.CircuitBreakers;
using AgentHosting.Fallbacks;
using AgentHosting.ModelRouting;
using AgentHosting.Pipelines.Internal;
using AgentHosting.ResponseCaching;
using AgentHosting.Retries;
using AgentHosting.Timeouts;

namespace AgentHosting.Pipelines;

/// <summary>
/// What <c>UseProductionDefaults</c> adds. The stages stand in this order, outermost first: tool loop (on a builder without a model catalog) →
/// <see cref="ModelRouter"/> → <see cref="ResponseCache"/> → <see cref="Fallback"/> → <see cref="Retry"/> → <see cref="CircuitBreaker"/> → <see cref="Timeout"/>.
/// The router decides first, so that the cache key is that of the route; a hit costs nothing; another model is tried once the retries on one are used up;
/// each attempt passes the breaker and has a time limit of its own.
/// </summary>
/// <remarks>
/// A property that is left alone takes the unnamed options that were registered (<c>AddRetry</c>, configuration section <c>AgentHosting:Retry</c>). One that is
/// set wins over them; set to <see langword="null"/>, it leaves the stage out.
/// </remarks>
public sealed class ProductionDefaultsOptions
{
    internal StageChoice<ModelRouterOptions> ModelRouterChoice { get; private set; }

    internal StageChoice<ResponseCacheOptions> ResponseCacheChoice { get; private set; }

    internal StageChoice<FallbackOptions> FallbackChoice { get; private set; }

    internal StageChoice<RetryOptions> RetryChoice { get; private set; }

    internal StageChoice<CircuitBreakerOptions> CircuitBreakerChoice { get; private set; }

    internal StageChoice<TimeoutOptions> TimeoutChoice { get; private set; }

    /// <summary>Chooses the model of each call.</summary>
    /// <value>The default is that of <c>AddModelRouter</c>; without it calls go to the model they name.</value>
    public ModelRouterOptions? ModelRouter
    {
        get => ModelRouterChoice.Options;
        set => ModelRouterChoice = new(value);
    }

    /// <summary>Answers repeated requests from a cache; a registered <c>HybridCache</c> is shared with other replicas.</summary>
    /// <value>The default is that of <c>AddResponseCache</c>; without it nothing is cached, since whether answers may be repeated is for the application to say.</value>
    public ResponseCacheOptions? ResponseCache
    {
        get => ResponseCacheChoice.Options;
        set => ResponseCacheChoice = new(value);
    }

    /// <summary>Names the models to try when one fails.</summary>
    /// <value>The default is that of <c>AddFallback</c>; without it a failure after the retries is the caller's.</value>
    public FallbackOptions? Fallback
    {
        get => FallbackChoice.Options;
        set => FallbackChoice = new(value);
    }

    /// <summary>Repeats attempts that failed for now.</summary>
    /// <value>The default is that of <c>AddRetry</c>, else a <see cref="RetryOptions"/> with its defaults.</value>
    public RetryOptions? Retry
    {
        get => RetryChoice.Options;
        set => RetryChoice = new(value);
    }

    /// <summary>Spares a model that is down.</summary>
    /// <value>The default is that of <c>AddCircuitBreaker</c>, else a <see cref="CircuitBreakerOptions"/> with its defaults.</value>
    public CircuitBreakerOptions? CircuitBreaker
    {
        get => CircuitBreakerChoice.Options;
        set => CircuitBreakerChoice = new(value);
    }

    /// <summary>Limits each attempt in time.</summary>
    /// <value>The default is that of <c>AddTimeout</c>, else a <see cref="TimeoutOptions"/> with its defaults.</value>
    public TimeoutOptions? Timeout
    {
        get => TimeoutChoice.Options;
        set => TimeoutChoice = new(value);
    }
}
