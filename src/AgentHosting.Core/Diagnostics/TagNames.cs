namespace AgentHosting.Diagnostics;

/// <summary>The names of tags on activities and metrics.</summary>
internal static class TagNames
{
    public const string RunId = "agenthosting.run.id";
    public const string Agent = "gen_ai.agent.name";
    public const string RunState = "agenthosting.run.state";
    public const string Attempt = "agenthosting.run.attempt";
    public const string Model = "gen_ai.request.model";
    public const string FailureKind = "agenthosting.failure.kind";
    public const string RetryResult = "agenthosting.retry.result";
    public const string TimeoutLimit = "agenthosting.timeout.limit";
    public const string ModelRoute = "agenthosting.model_router.route";
    public const string ModelRoutePolicy = "agenthosting.model_router.policy";
    public const string ModelRouteReason = "agenthosting.model_router.reason";
    public const string CircuitState = "agenthosting.circuit_breaker.state";
    public const string FallbackResult = "agenthosting.fallback.result";
    public const string TokenBudgetResult = "agenthosting.token_budget.result";
    public const string SpendScope = "agenthosting.spend.scope";
    public const string SpendAlertKind = "agenthosting.spend.alert.kind";
    public const string SpendAlertRatio = "agenthosting.spend.alert.ratio";
    public const string SpendAlertReason = "agenthosting.spend.alert.reason";
    public const string PricesResult = "agenthosting.prices.result";
    public const string IsEstimated = "agenthosting.token_budget.is_estimated";
    public const string RateLimitResult = "agenthosting.rate_limit.result";
    public const string ResponseCacheResult = "agenthosting.response_cache.result";
    public const string Tool = "gen_ai.tool.name";
    public const string ToolResult = "agenthosting.tool.result";
    public const string ToolApproval = "agenthosting.tool.approval";
    public const string ContextWindowResult = "agenthosting.context_window.result";
    public const string ContextWindowSavedTokens = "agenthosting.context_window.saved_tokens";
    public const string ResponseCacheLevel = "agenthosting.response_cache.level";
    public const string GuardKind = "agenthosting.guard.kind";
    public const string GuardAction = "agenthosting.guard.action";
    public const string GuardReason = "agenthosting.guard.reason";
    public const string GuardScore = "agenthosting.input_guard.injection_score";
}
