using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

internal sealed partial class RunWorker
{
    [LoggerMessage(EventIds.RunWorkerError, LogLevel.Error, "Runs could not be claimed. The worker tries again in {Delay}.", EventName = "ClaimFailed")]
    private static partial void LogClaimFailed(ILogger logger, Exception exception, TimeSpan delay);

    [LoggerMessage(
        EventIds.RunExecutionError, LogLevel.Error, "The end of run {RunId} could not be stored. Another worker takes it over when its lease ends.", EventName = "ExecutionFailed")]
    private static partial void LogExecutionFailed(ILogger logger, Exception exception, string runId);

    [LoggerMessage(
        EventIds.RunNotAsked, LogLevel.Warning, "It is not known whether {Count} runs were cancelled meanwhile. The next renewal of their leases tells.", EventName = "RunNotAsked")]
    private static partial void LogNotAsked(ILogger logger, Exception exception, int count);
}
