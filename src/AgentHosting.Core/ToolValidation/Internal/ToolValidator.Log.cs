using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ToolValidation.Internal;

internal sealed partial class ToolValidator
{
    [LoggerMessage(
        EventIds.ToolUnclassified,
        LogLevel.Information,
        "Tool '{Tool}' declares no risk and counts as {Risk}. Declare one with WithTool(tool, risk), [AgentTool(Risk = ...)] or ToolValidationOptions.Tools.",
        EventName = "ToolUnclassified")]
    private static partial void LogUnclassified(ILogger logger, string tool, ToolRisk risk);

    [LoggerMessage(EventIds.ToolCallRejected, LogLevel.Warning, "A call of tool '{Tool}' was rejected as {Code}. The model is told why.", EventName = "ToolCallRejected")]
    private static partial void LogRejected(ILogger logger, string tool, string code);

    [LoggerMessage(EventIds.ToolSchemaUnusable, LogLevel.Error, "The schema of tool '{Tool}' cannot be read, so its calls are refused.", EventName = "ToolSchemaUnusable")]
    private static partial void LogSchemaUnusable(ILogger logger, Exception exception, string tool);

    [LoggerMessage(EventIds.ToolPolicyFailed, LogLevel.Error, "A policy threw about a call of tool '{Tool}', which is denied.", EventName = "ToolPolicyFailed")]
    private static partial void LogPolicyFailed(ILogger logger, Exception exception, string tool);

    [LoggerMessage(
        EventIds.ToolApprovalUnavailable,
        LogLevel.Warning,
        "A call of tool '{Tool}' needs the approval of a person, which cannot be asked for here. It was not made.",
        EventName = "ToolApprovalUnavailable")]
    private static partial void LogNobodyToAsk(ILogger logger, string tool);
}
