using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ModelRouting.Internal;

internal sealed partial class RouteJudge
{
    [LoggerMessage(
        EventIds.RouteJudgeFailed,
        LogLevel.Warning,
        "The judge of the model router gave no verdict: {Failure}. The classifier's stands.",
        EventName = "RouteJudgeFailed")]
    private static partial void LogFailed(ILogger logger, string failure);
}
