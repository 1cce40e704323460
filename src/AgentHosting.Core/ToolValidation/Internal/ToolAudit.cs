using AgentHosting.Diagnostics;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Tells of every decision, in the log and to who wants to know.</summary>
internal sealed partial class ToolAudit(ToolValidationOptions options, TimeProvider timeProvider, ToolMetrics metrics, ILogger logger)
{
    public void Denied(ToolPolicyContext context, ToolArguments arguments, string? reason) => Tell(new ToolAuditRecord
    {
        Event = ToolAuditEvent.Denied,
        Time = timeProvider.GetUtcNow(),
        Tool = context.Tool,
        ArgumentsHash = CanonicalJson.Hash(arguments.Canonical),
        UserId = context.Call?.UserId,
        TenantId = context.Call?.TenantId,
        SessionId = context.Call?.SessionId,
        RunId = context.Call?.RunId,
        Agent = context.Agent,
        Reason = reason,
    });

    public void Of(ToolAuditEvent step, ToolApprovalRequest request, string? approver = null, string? reason = null) => Tell(new ToolAuditRecord
    {
        Event = step,
        Time = timeProvider.GetUtcNow(),
        Tool = request.Tool,
        RequestId = request.Id,
        ArgumentsHash = request.ArgumentsHash,
        UserId = request.UserId,
        TenantId = request.TenantId,
        SessionId = request.SessionId,
        RunId = request.RunId,
        Agent = request.Agent,
        Approver = approver,
        Reason = reason,
    });

    /// <summary>A person has answered, elsewhere than the call waits.</summary>
    public void Answered(bool isApproved, string requestId, string tool, AgentCallContext context, string? approver, string? reason) => Tell(new ToolAuditRecord
    {
        Event = isApproved ? ToolAuditEvent.Approved : ToolAuditEvent.Rejected,
        Time = timeProvider.GetUtcNow(),
        Tool = tool,
        RequestId = requestId,
        UserId = context.UserId,
        TenantId = context.TenantId,
        SessionId = context.SessionId,
        RunId = context.RunId,
        Agent = context.Agent,
        Approver = approver,
        Reason = reason,
    });

    public void AnswerRefused(string requestId, string? tool, AgentCallContext? context, string reason) => Tell(new ToolAuditRecord
    {
        Event = ToolAuditEvent.AnswerRefused,
        Time = timeProvider.GetUtcNow(),
        Tool = SafeName.Of(tool),
        RequestId = SafeName.Of(requestId),
        UserId = context?.UserId,
        TenantId = context?.TenantId,
        SessionId = context?.SessionId,
        RunId = context?.RunId,
        Agent = context?.Agent,
        Reason = reason,
    });

    private void Tell(ToolAuditRecord record)
    {
        if (record.Event != ToolAuditEvent.Denied)
        {
            metrics.Approval(record.Event);
        }

        if (record.Event == ToolAuditEvent.AnswerRefused)
        {
            LogAnswerRefused(logger, record.RequestId, record.Tool, record.UserId, record.Reason);
        }
        else if (record.Event == ToolAuditEvent.Denied)
        {
            LogDenied(logger, record.Tool, record.UserId, record.Agent, record.Reason);
        }
        else
        {
            LogApproval(logger, record.Event, record.RequestId, record.Tool, record.UserId, record.Approver);
        }

        try
        {
            options.OnAudit?.Invoke(record);
        }
        catch (Exception exception)
        {
            LogAuditFailed(logger, exception, record.Tool);
        }
    }

    [LoggerMessage(EventIds.ToolDenied, LogLevel.Warning, "A call of tool '{Tool}' for user '{User}' of agent '{Agent}' was denied. {Reason}", EventName = "ToolDenied")]
    private static partial void LogDenied(ILogger logger, string tool, string? user, string? agent, string? reason);

    [LoggerMessage(
        EventIds.ToolApproval,
        LogLevel.Information,
        "Approval of a tool call: {Step}. Request {RequestId}, tool '{Tool}', user '{User}', approver '{Approver}'.",
        EventName = "ToolApproval")]
    private static partial void LogApproval(ILogger logger, ToolAuditEvent step, string? requestId, string tool, string? user, string? approver);

    [LoggerMessage(
        EventIds.ToolApprovalRefused,
        LogLevel.Warning,
        "An answer to request {RequestId} about tool {Tool}, brought by user '{User}', was not accepted: {Reason}",
        EventName = "ToolApprovalRefused")]
    private static partial void LogAnswerRefused(ILogger logger, string? requestId, string tool, string? user, string? reason);

    [LoggerMessage(EventIds.ToolAuditFailed, LogLevel.Error, "ToolValidationOptions.OnAudit threw about tool '{Tool}'. The decision holds all the same.", EventName = "ToolAuditFailed")]
    private static partial void LogAuditFailed(ILogger logger, Exception exception, string tool);
}
