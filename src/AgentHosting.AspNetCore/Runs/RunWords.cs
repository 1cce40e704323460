using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>The words of the wire for the enums of runs.</summary>
internal static class RunWords
{
    public const string Processing = "processing";
    public const string Cancelled = "cancelled";
    public const string StatusDescription = "One of: processing, waiting, completed, failed, cancelled, expired.";

    public static string Of(AgentRunStatus status) => status switch
    {
        AgentRunStatus.Queued or AgentRunStatus.Running => Processing,
        AgentRunStatus.Waiting => "waiting",
        AgentRunStatus.Succeeded => "completed",
        AgentRunStatus.Failed => "failed",
        AgentRunStatus.Cancelled => Cancelled,
        AgentRunStatus.Expired => "expired",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "The status has no word on the wire."),
    };

    public static string Of(RunStepKind kind) => kind switch
    {
        RunStepKind.Model => "model",
        RunStepKind.Tool => "tool",
        RunStepKind.Approval => "approval",
        RunStepKind.Code => "step",
        RunStepKind.Timer => "timer",
        RunStepKind.Event => "event",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The kind has no word on the wire."),
    };
}
