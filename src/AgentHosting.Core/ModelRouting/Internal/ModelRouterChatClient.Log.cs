using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ModelRouting.Internal;

internal sealed partial class ModelRouterChatClient
{
    [LoggerMessage(EventIds.ModelRouted, LogLevel.Debug, "The call goes to model '{Model}' ({Policy}: {Reason}).", EventName = "ModelRouted")]
    private static partial void LogRouted(ILogger logger, string model, string policy, string reason);

    [LoggerMessage(
        EventIds.ModelRouteShadowed,
        LogLevel.Information,
        "The call goes to model '{Served}'. The router would have chosen '{Model}' ({Policy}: {Reason}), with an estimated saving of {Saving}.",
        EventName = "ModelRouteShadowed")]
    private static partial void LogShadowed(ILogger logger, string served, string model, string policy, string reason, decimal? saving);
}
