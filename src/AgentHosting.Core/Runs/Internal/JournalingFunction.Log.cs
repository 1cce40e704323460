using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

internal sealed partial class JournalingFunction
{
    [LoggerMessage(EventIds.ToolFailed, LogLevel.Warning, "Tool '{Tool}' failed in run {RunId}. The model is told so and goes on.", EventName = "ToolFailed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string tool, string runId);

    [LoggerMessage(
        EventIds.ToolIgnoresCancellation,
        LogLevel.Error,
        "Tool '{Tool}' of run {RunId} did not stop when it was told to and still runs. Pass the CancellationToken on inside the tool.",
        EventName = "ToolIgnoresCancellation")]
    private static partial void LogAbandoned(ILogger logger, string tool, string runId);
}
