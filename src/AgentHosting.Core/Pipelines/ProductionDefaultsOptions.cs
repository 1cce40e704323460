using AgentHosting.CircuitBreakers;
using AgentHosting.ContextWindows;
using AgentHosting.Fallbacks;
using AgentHosting.Guardrails;
using AgentHosting.ModelRouting;
using AgentHosting.RateLimits;
using AgentHosting.ResponseCaching;
using AgentHosting.Retries;
using AgentHosting.SpendLedgers;
using AgentHosting.Timeouts;
using AgentHosting.TokenBudgets;
using AgentHosting.ToolValidation;

namespace AgentHosting.Pipelines;

/// <summary>
/// What <c>UseProductionDefaults</c> adds. The stages stand in this order, outermost first: <see cref="InputGuard"/> → <see cref="ToolValidation"/> → tool loop (on a builder without a model catalog) →
/// <see cref="ModelRouter"/> → <see cref="ContextWindow"/> → <see cref="ResponseCache"/> → <see cref="OutputGuard"/> → <see cref="Fallback"/> → <see cref="Retry"/> → <see cref="CircuitBreaker"/> → <see cref="ModelRateLimit"/> → <see cref="TokenBudget"/> → <see cref="Timeout"/>.
/// The router decides first, so that the cache key is that of the route; a hit costs nothing; another model is tried once the retries on one are used up;
/// each attempt passes the breaker and the rate limit of its model, sets aside what it may cost, and has a time limit of its own.
/// </summary>
/// <remarks>
/// Each property begins as a copy of the unnamed options that are registered (<c>AddRetry</c>, configuration section <c>AgentHosting:Retry</c>); what code sets
/// here wins over them. A property that is <see langword="null"/> leaves its stage out.
/// </remarks>
public sealed class ProductionDefaultsOptions
{
    /// <summary>Checks what callers send. Above the tool loop, so only on a builder without a model catalog: in a hosted agent the messages of a call are the host's own.</summary>
    /// <value>The default is what <c>AddInputGuard</c> registered, else <see langword="null"/>.</value>
    public InputGuardOptions? InputGuard { get; set; }

    /// <summary>Checks the calls of tools, and asks a person where one has to approve. Above the tool loop, so only on a builder without a model catalog: a hosted agent's tools are validated by the host.</summary>
    /// <value>The default is what <c>AddToolValidation</c> registered, in a host its unnamed options, else <see langword="null"/>: the loop calls tools without a check.</value>
    public ToolValidationOptions? ToolValidation { get; set; }

    /// <summary>Chooses the model of each call.</summary>
    /// <value>The default is what <c>AddModelRouter</c> registered, else <see langword="null"/>: calls go to the model they name.</value>
    public ModelRouterOptions? ModelRouter { get; set; }

    /// <summary>Makes the history of each call fit the window of its model. Where it is <see langword="null"/> the history is repaired all the same (<c>UseTranscriptRepair</c>).</summary>
    /// <value>The default is what <c>AddContextWindow</c> registered, else one with its defaults where a model has a window (<see cref="Models.ModelOptions.ContextWindow"/>), else <see langword="null"/>.</value>
    public ContextWindowOptions? ContextWindow { get; set; }

    /// <summary>Answers repeated requests from a cache; a registered <c>HybridCache</c> is shared with other replicas.</summary>
    /// <value>The default is what <c>AddResponseCache</c> registered, else <see langword="null"/>: nothing is cached, since whether answers may be repeated is for the application to say.</value>
    public ResponseCacheOptions? ResponseCache { get; set; }

    /// <summary>Replaces sensitive data in answers before they are cached, stored or shown.</summary>
    /// <value>The default is what <c>AddOutputGuard</c> registered, else <see langword="null"/>: answers are passed on as they come.</value>
    public OutputGuardOptions? OutputGuard { get; set; }

    /// <summary>Names the models to try when one fails.</summary>
    /// <value>The default is what <c>AddFallback</c> registered, else <see langword="null"/>: a failure after the retries is the caller's.</value>
    public FallbackOptions? Fallback { get; set; }

    /// <summary>Repeats attempts that failed for now.</summary>
    /// <value>The default is what <c>AddRetry</c> registered, else a <see cref="RetryOptions"/> with its defaults; <see langword="null"/> for none.</value>
    public RetryOptions? Retry { get; set; } = new();

    /// <summary>Spares a model that is down.</summary>
    /// <value>The default is what <c>AddCircuitBreaker</c> registered, else a <see cref="CircuitBreakerOptions"/> with its defaults; <see langword="null"/> for none.</value>
    public CircuitBreakerOptions? CircuitBreaker { get; set; } = new();

    /// <summary>Keeps requests and tokens of each model within its limits per minute.</summary>
    /// <value>The default is what <c>AddModelRateLimit</c> registered, else one with its defaults where a model has a limit (<see cref="Models.ModelOptions.RequestsPerMinute"/>), else <see langword="null"/>.</value>
    public ModelRateLimitOptions? ModelRateLimit { get; set; }

    /// <summary>Keeps what is spent within limits: each attempt sets aside what it may cost, and is charged what it has cost.</summary>
    /// <value>The default is what <c>AddTokenBudget</c> registered, else <see langword="null"/>: nothing is counted.</value>
    public TokenBudgetOptions? TokenBudget { get; set; }

    /// <summary>Limits each attempt in time.</summary>
    /// <value>The default is what <c>AddTimeout</c> registered, else a <see cref="TimeoutOptions"/> with its defaults; <see langword="null"/> for none.</value>
    public TimeoutOptions? Timeout { get; set; } = new();

    /// <summary>The ledger of all budget stages of one pipeline.</summary>
    internal ISpendLedger? SpendLedger { get; set; }
}
