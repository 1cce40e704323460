using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Guardrails.Internal;

internal sealed partial class OutputGuardChatClient
{
    [LoggerMessage(EventIds.OutputGuardFound, LogLevel.Debug, "Sensitive data of kind {Kind} was found in an answer: {Action}.", EventName = "OutputGuardFound")]
    private partial void LogFound(string kind, string action);

    [LoggerMessage(EventIds.OutputGuardBlocked, LogLevel.Warning, "An answer of model '{Model}' was ended because it held sensitive data of kind {Kind}.", EventName = "OutputGuardBlocked")]
    private partial void LogBlocked(string model, string? kind);

    [LoggerMessage(EventIds.OutputGuardRestFailed, LogLevel.Information, "The rest of a blocked answer of model '{Model}' failed, so that its usage is not known.", EventName = "OutputGuardRestFailed")]
    private partial void LogRestFailed(string model, Exception exception);
}
