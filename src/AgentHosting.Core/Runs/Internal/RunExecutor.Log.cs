using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

internal sealed partial class RunExecutor
{
    [LoggerMessage(EventIds.RunStarted, LogLevel.Debug, "Run {RunId} of agent '{Agent}' starts attempt {Attempt}.", EventName = "RunStarted")]
    private static partial void LogStarted(ILogger logger, string runId, string agent, int attempt);

    [LoggerMessage(EventIds.RunEnded, LogLevel.Debug, "Run {RunId} ended: {Status}.", EventName = "RunEnded")]
    private static partial void LogEnded(ILogger logger, string runId, AgentRunStatus status);

    [LoggerMessage(EventIds.RunFailed, LogLevel.Warning, "Run {RunId} failed for good: {Code}.", EventName = "RunFailed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string runId, string code);

    [LoggerMessage(
        EventIds.RunRetried,
        LogLevel.Warning,
        "An attempt at run {RunId} failed, {Failures} of {MaxAttempts}. The next one starts in {Delay}.",
        EventName = "RunRetried")]
    private static partial void LogRetried(ILogger logger, Exception exception, string runId, int failures, int maxAttempts, TimeSpan delay);

    [LoggerMessage(EventIds.RunLeaseLost, LogLevel.Warning, "The lease of run {RunId} was lost: another worker has it, or it has ended.", EventName = "RunLeaseLost")]
    private static partial void LogLeaseLost(ILogger logger, string runId);

    [LoggerMessage(
        EventIds.RunCutOff,
        LogLevel.Warning,
        "The store could not be reached for most of the lease of run {RunId}, which is stopped. It goes back to the queue when the store answers, unless another worker has it by then.",
        EventName = "RunCutOff")]
    private static partial void LogCutOff(ILogger logger, string runId);

    [LoggerMessage(EventIds.RunSuspended, LogLevel.Information, "Run {RunId} waits for an answer.", EventName = "RunSuspended")]
    private static partial void LogSuspended(ILogger logger, string runId);

    [LoggerMessage(EventIds.RunReturned, LogLevel.Information, "Run {RunId} goes back to the queue with its journal: this worker shuts down.", EventName = "RunReturned")]
    private static partial void LogReturned(ILogger logger, string runId);

    [LoggerMessage(
        EventIds.RunIgnoresCancellation,
        LogLevel.Error,
        "A model call or the code of run {RunId} did not stop when it was told to and still runs. It ignores its CancellationToken.",
        EventName = "RunIgnoresCancellation")]
    private static partial void LogAbandoned(ILogger logger, string runId);
}
