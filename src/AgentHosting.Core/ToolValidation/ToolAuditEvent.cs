namespace AgentHosting.ToolValidation;

/// <summary>What an audit record tells.</summary>
public enum ToolAuditEvent
{
    /// <summary>A policy denied a call.</summary>
    Denied = 0,

    /// <summary>A person was asked about a call.</summary>
    ApprovalRequested = 1,

    /// <summary>A call was approved.</summary>
    Approved = 2,

    /// <summary>A call was rejected.</summary>
    Rejected = 3,

    /// <summary>A call that was approved ran.</summary>
    Used = 4,

    /// <summary>An answer was not accepted: it was forged, altered, late, foreign, or came twice.</summary>
    AnswerRefused = 5,
}
