using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>What became of tool calls. Only names of tools that exist are tags.</summary>
internal sealed class ToolMetrics
{
    private readonly Counter<long>? _calls;
    private readonly Counter<long>? _approvals;
    private readonly Counter<long>? _abandoned;

    public ToolMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(AgentHostingDiagnostics.MeterName);
        _calls = meter?.CreateCounter<long>("agenthosting.tool.calls", "{call}", "Tool calls, by what became of them.");
        _approvals = meter?.CreateCounter<long>("agenthosting.tool.approvals", "{request}", "Steps of approvals.");
        _abandoned = meter?.CreateCounter<long>("agenthosting.tool.abandoned", "{call}", "Tool calls that did not stop when they were told to, and were left behind.");
    }

    public void Ended(string tool, string result) => _calls?.Add(
        1, new KeyValuePair<string, object?>(TagNames.Tool, tool), new KeyValuePair<string, object?>(TagNames.ToolResult, result));

    public void Abandoned(string tool) => _abandoned?.Add(1, new KeyValuePair<string, object?>(TagNames.Tool, tool));

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
