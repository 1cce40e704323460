namespace AgentHosting;

/// <summary>
/// What the stages of a pipeline know about the call they serve. It travels in <c>ChatOptions.AdditionalProperties</c>
/// under one reserved key (<see cref="AgentCallContextExtensions.WithAgentContext"/>) and is taken out before the provider sees the options.
/// </summary>
/// <remarks>An <see cref="System.Threading.AsyncLocal{T}"/> would not do: its value is lost inside async iterators.</remarks>
public sealed class AgentCallContext
{
    /// <summary>The isolation key.</summary>
    public string? TenantId { get; init; }

    /// <summary>The user on whose behalf the call is made.</summary>
    public string? UserId { get; init; }

    /// <summary>The conversation.</summary>
    public string? SessionId { get; init; }

    /// <summary>The run.</summary>
    public string? RunId { get; init; }

    /// <summary>The agent's name.</summary>
    public string? Agent { get; init; }

    /// <summary>The key of the step of the run, the ordinal of the model call.</summary>
    public string? StepKey { get; init; }

    /// <summary>Which attempt of the run makes the call.</summary>
    /// <value>The default is 0: the call belongs to no run.</value>
    public int Attempt { get; init; }

    /// <summary>
    /// A name under which callers of several tenants share cached answers. Set it only for requests whose answer depends on no tenant's data.
    /// An empty or blank name counts as none, here as in <see cref="TenantId"/> and <see cref="UserId"/>.
    /// </summary>
    /// <value>The default is <see langword="null"/>: cached answers are those of <see cref="TenantId"/>, or without one of <see cref="UserId"/>.</value>
    public string? CacheScope { get; init; }

    /// <summary>Whether the call was answered without asking a model, so that it costs nothing; written by the response cache.</summary>
    /// <value><see langword="false"/> until an answer came from the cache.</value>
    public bool CacheHit { get; set; }

    /// <summary>The name of the model that served the call, written by the model catalog.</summary>
    /// <value><see langword="null"/> until a model was called.</value>
    public string? ServedByModel { get; set; }

    /// <summary>Why the model router chose the model of the call.</summary>
    /// <value><see langword="null"/> until a router chose one.</value>
    public string? RouteReason { get; set; }

    /// <summary>Who counts the calls that a model has in flight, if somebody does; written by the model router for the response cache.</summary>
    internal ICallLoad? Load { get; set; }

    /// <summary>What its requests cost, where that is kept; written by the token budget.</summary>
    internal CallSpend? Spend { get; set; }

    /// <summary>
    /// Why the model that the call names cannot take it; written by the context window for the fallback, which takes that model as failed without asking it.
    /// </summary>
    internal Exception? Refusal { get; set; }

    /// <summary>A copy for a call that runs beside another one for the same request.</summary>
    internal AgentCallContext Copy() => (AgentCallContext)MemberwiseClone();
}
