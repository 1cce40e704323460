using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Fallbacks.Internal;

/// <summary>The log messages. Exceptions of providers may quote the prompt, so only what the caller does not get is logged whole: the last one, and those of callbacks.</summary>
internal static partial class FallbackLog
{
    [LoggerMessage(EventIds.FallbackUsed, LogLevel.Warning, "Model '{Model}' failed ({Kind}); model '{NextModel}' is tried.", EventName = "FallbackUsed")]
    public static partial void Used(ILogger logger, string model, ChatFailureKind kind, string nextModel);

    [LoggerMessage(EventIds.FallbackExhausted, LogLevel.Error, "All {Count} models that were tried failed, the last of them '{Model}' ({Kind}).", EventName = "FallbackExhausted")]
    public static partial void Exhausted(ILogger logger, int count, string model, ChatFailureKind kind);

    [LoggerMessage(EventIds.LastResortUsed, LogLevel.Error, "No model could answer. The caller gets the message of last resort.", EventName = "LastResortUsed")]
    public static partial void LastResort(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.HedgeStarted, LogLevel.Information, "Model '{Model}' had no content after {HedgeAfter}; model '{NextModel}' is started beside it.", EventName = "HedgeStarted")]
    public static partial void HedgeStarted(ILogger logger, string model, TimeSpan hedgeAfter, string nextModel);

    [LoggerMessage(EventIds.HedgeEnded, LogLevel.Debug, "Model '{Model}' was cancelled, since another one answered first. It ended with {Outcome}.", EventName = "HedgeEnded")]
    public static partial void HedgeEnded(ILogger logger, string model, string outcome);

    [LoggerMessage(
        EventIds.FallbackCallbackFailed,
        LogLevel.Error,
        "FallbackOptions.ShouldHandle or OnFallback threw about a failure of model '{Model}'. No other model is started, and the caller gets the error of the model.",
        EventName = "FallbackCallbackFailed")]
    public static partial void CallbackFailed(ILogger logger, Exception exception, string model);
}
