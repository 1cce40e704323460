using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Timeouts.Internal;

internal sealed partial class TimeoutChatClient
{
    [LoggerMessage(
        EventIds.ModelCallTimedOut, LogLevel.Warning, "A call of model '{Model}' passed its limit '{Limit}' of {Timeout}.", EventName = "ModelCallTimedOut")]
    private static partial void LogTimedOut(ILogger logger, string model, string limit, TimeSpan? timeout);

    [LoggerMessage(
        EventIds.ModelCallIgnoresCancellation,
        LogLevel.Warning,
        "A call of model '{Model}' goes on after it was cancelled: its client does not listen to its token. It is left behind.",
        EventName = "ModelCallIgnoresCancellation")]
    private static partial void LogAbandoned(ILogger logger, string model);
}
