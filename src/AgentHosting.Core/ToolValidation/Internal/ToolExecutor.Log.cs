using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ToolValidation.Internal;

internal sealed partial class ToolExecutor
{
    [LoggerMessage(EventIds.ToolFailed, LogLevel.Warning, "Tool '{Tool}' failed in run {RunId}. The model is told so and goes on.", EventName = "ToolFailed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string tool, string? runId);

    [LoggerMessage(
        EventIds.ToolIgnoresCancellation,
        LogLevel.Error,
        "Tool '{Tool}' of run {RunId} did not stop when it was told to and still runs. Pass the CancellationToken on inside the tool.",
        EventName = "ToolIgnoresCancellation")]
    private static partial void LogAbandoned(ILogger logger, string tool, string? runId);

    [LoggerMessage(EventIds.ToolCircuitOpened, LogLevel.Warning, "Tool '{Tool}' is left alone for {OpenFor}: too many of its calls failed.", EventName = "ToolCircuitOpened")]
    private static partial void LogCircuitOpened(ILogger logger, string tool, TimeSpan openFor);

    [LoggerMessage(EventIds.ToolCircuitStoreFailed, LogLevel.Error, "The store of circuits failed for tool '{Tool}'. Its calls pass without a breaker.", EventName = "ToolCircuitStoreFailed")]
    private static partial void LogCircuitStoreFailed(ILogger logger, Exception exception, string tool);
}
