using AgentHosting.CircuitBreakers;
using AgentHosting.Fallbacks;
using AgentHosting.ModelRouting;
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
public sealed class ProductionDefaultsOptions
{
    /// <summary>Chooses the model of each call.</summary>
    /// <value>The default is <see langword="null"/>: calls go to the model they name.</value>
    public ModelRouterOptions? ModelRouter { get; set; }

    /// <summary>Answers repeated requests from a cache.</summary>
    /// <value>The default is <see langword="null"/>: nothing is cached, since whether answers may be repeated is for the application to say.</value>
    public ResponseCacheOptions? ResponseCache { get; set; }

    /// <summary>Names the models to try when one fails.</summary>
    /// <value>The default is <see langword="null"/>: a failure after the retries is the caller's.</value>
    public FallbackOptions? Fallback { get; set; }

    /// <summary>Repeats attempts that failed for now.</summary>
    /// <value>The default is a <see cref="RetryOptions"/> with its defaults; <see langword="null"/> for none.</value>
    public RetryOptions? Retry { get; set; } = new();

    /// <summary>Spares a model that is down.</summary>
    /// <value>The default is a <see cref="CircuitBreakerOptions"/> with its defaults; <see langword="null"/> for none.</value>
    public CircuitBreakerOptions? CircuitBreaker { get; set; } = new();

    /// <summary>Limits each attempt in time.</summary>
    /// <value>The default is a <see cref="TimeoutOptions"/> with its defaults; <see langword="null"/> for none.</value>
    public TimeoutOptions? Timeout { get; set; } = new();
}
