using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>What became of tool calls. Only names of tools that exist are tags.</summary>
internal sealed class ToolMetrics
{
    private readonly Counter<long>? _calls;
    private readonly Counter<long>? _approvals;

    public ToolMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(AgentHostingDiagnostics.MeterName);
        _calls = meter?.CreateCounter<long>("agenthosting.tool.calls", "{call}", "Tool calls, by what became of them.");
        _approvals = meter?.CreateCounter<long>("agenthosting.tool.approvals", "{request}", "Steps of approvals.");
    }

    public void Ended(string tool, string result) => _calls?.Add(
        1, new KeyValuePair<string, object?>(TagNames.Tool, tool), new KeyValuePair<string, object?>(TagNames.ToolResult, result));

    public void Approval(ToolAuditEvent step) => _approvals?.Add(1, new KeyValuePair<string, object?>(TagNames.ToolApproval, step switch
    {
        ToolAuditEvent.ApprovalRequested => "requested",
        ToolAuditEvent.Approved => "approved",
        ToolAuditEvent.Rejected => "rejected",
        ToolAuditEvent.Used => "used",
        ToolAuditEvent.AnswerRefused => "answer_refused",
        _ => "denied",
    }));
}
