namespace AgentHosting.Runs.Internal;

/// <summary>The journaled answer to a request for approval.</summary>
internal sealed record ApprovalAnswer(string RequestId, bool IsApproved, string? Reason = null, string? Approver = null, string? Policy = null, bool IsExpired = false);
