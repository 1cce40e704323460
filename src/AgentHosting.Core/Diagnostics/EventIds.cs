namespace AgentHosting.Diagnostics;

/// <summary>The ids of all log messages of this assembly: one block of a hundred per capability. An id is never reused.</summary>
internal static class EventIds
{
    // Start-up
    public const int UnauthenticatedEndpoints = 1000;

    // Runs
    public const int RunStarted = 1100;
    public const int RunEnded = 1101;
    public const int RunFailed = 1102;
    public const int RunRetried = 1103;
    public const int RunLeaseLost = 1105;
    public const int RunReturned = 1106;
    public const int RunSuspended = 1117;
    public const int RunToolsChanged = 1121;
    public const int RunAnswerContinued = 1122;
    public const int RunAnswerUnknown = 1123;
    public const int RunCutOff = 1124;
    public const int RunNotAsked = 1125;
    public const int RunWorkerError = 1107;
    public const int RunJanitorError = 1108;
    public const int LeaseRenewalFailed = 1109;
    public const int RunIgnoresCancellation = 1110;
    public const int ToolFailed = 1112;
    public const int ToolIgnoresCancellation = 1114;
    public const int RunExecutionError = 1115;
    public const int RunCancellationCallbackFailed = 1116;

    // Retries
    public const int RetryScheduled = 1200;
    public const int RetryGivenUp = 1201;
    public const int RetryCallbackFailed = 1202;

    // Timeouts
    public const int ModelCallTimedOut = 1300;
    public const int ModelCallIgnoresCancellation = 1301;

    // Circuit breakers
    public const int CircuitOpened = 1400;
    public const int CircuitClosed = 1401;
    public const int CircuitPaused = 1402;
    public const int CircuitProbed = 1403;
    public const int CircuitStoreFailed = 1404;
    public const int CircuitCallbackFailed = 1405;

    // Fallbacks
    public const int FallbackUsed = 1500;
    public const int FallbackExhausted = 1501;
    public const int LastResortUsed = 1502;
    public const int HedgeStarted = 1503;
    public const int HedgeEnded = 1504;
    public const int FallbackCallbackFailed = 1505;

    // Model routing
    public const int ModelRouted = 1600;
    public const int ModelRouteShadowed = 1601;
    public const int RouteJudgeFailed = 1602;
    public const int RouteBudgetUnknown = 1603;

    // Response caching
    public const int ResponseCacheBypassed = 1700;
    public const int ResponseCacheHandedOver = 1701;
    public const int ResponseCacheStoreFailed = 1702;
    public const int ResponseCacheStoreRecovered = 1703;
    public const int ResponseCacheEntryUnreadable = 1704;
    public const int ResponseCacheEmbeddingFailed = 1705;
    public const int ResponseCacheEmbeddingRecovered = 1706;

    // Token budgets
    public const int BudgetExceeded = 1800;
    public const int BudgetStopped = 1801;

    // Spend ledgers
    public const int SpendLedgerFailed = 1900;
    public const int SpendSweepFailed = 1901;

    // Alerts
    public const int SpendAlertRaised = 2200;
    public const int SpendAlertHandlerFailed = 2201;
    public const int SpendAlertHandlerTimedOut = 2202;
    public const int SpendAlertDropped = 2203;
    public const int SpendAlertHandlersUnavailable = 2204;
    public const int SpendAlertsNotDrained = 2205;
    // Rate limits
    public const int ModelRateLimited = 2100;
    public const int RateLimiterFailed = 2101;
    public const int RunRateLimited = 2102;
    public const int RunRateLimiterFailed = 2103;

    // Context windows
    public const int ContextWindowCut = 2400;
    public const int ContextWindowExceeded = 2401;
    public const int ChatReducerFailed = 2402;

    // Prices
    public const int PricesApplied = 2300;
    public const int PricesRefused = 2301;
    public const int PriceUnusable = 2302;
    public const int PriceKept = 2303;

    // Tool validation
    public const int ToolUnclassified = 2700;
    public const int ToolCallRejected = 2701;
    public const int ToolSchemaUnusable = 2702;
    public const int ToolPolicyFailed = 2703;
    public const int ToolApprovalUnavailable = 2704;
    public const int ToolDenied = 2705;
    public const int ToolApproval = 2706;
    public const int ToolApprovalRefused = 2707;
    public const int ToolAuditFailed = 2708;
    public const int ToolCircuitOpened = 2709;
    public const int ToolCircuitStoreFailed = 2710;
    // Guards
    public const int OutputGuardFound = 2800;
    public const int OutputGuardBlocked = 2801;
    public const int OutputGuardRestFailed = 2802;
    public const int InputGuardRejected = 2810;
    public const int InputGuardSuspected = 2811;
}
