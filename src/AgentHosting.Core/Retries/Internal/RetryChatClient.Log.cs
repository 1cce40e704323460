using AgentHosting.Diagnostics;
using AgentHosting.Failures;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Retries.Internal;

internal sealed partial class RetryChatClient
{
    [LoggerMessage(
        EventIds.RetryScheduled,
        LogLevel.Warning,
        "Attempt {Attempt} of model '{Model}' failed ({Failure}, status {StatusCode}). It is made again in {Delay}.",
        EventName = "RetryScheduled")]
    private static partial void LogScheduled(ILogger logger, int attempt, string model, ChatFailureKind failure, int? statusCode, TimeSpan delay);

    [LoggerMessage(
        EventIds.RetryGivenUp,
        LogLevel.Warning,
        "Attempt {Attempt} of model '{Model}' failed ({Failure}, status {StatusCode}). It is not made again: {Reason}.",
        EventName = "RetryGivenUp")]
    private static partial void LogGivenUp(ILogger logger, int attempt, string model, ChatFailureKind failure, int? statusCode, RetryResult reason);

    [LoggerMessage(
        EventIds.RetryCallbackFailed,
        LogLevel.Error,
        "RetryOptions.ShouldHandle or OnRetry threw about attempt {Attempt} of model '{Model}'. It is not made again, and the caller gets the error of the model.",
        EventName = "RetryCallbackFailed")]
    private static partial void LogCallbackFailed(ILogger logger, Exception exception, int attempt, string model);
}
