namespace AgentHosting.ToolValidation;

/// <summary>Where a request for approval stands.</summary>
public enum ToolApprovalStatus
{
    /// <summary>Nobody has answered.</summary>
    Pending = 0,

    /// <summary>It was approved, and the call has not run yet.</summary>
    Approved = 1,

    /// <summary>It was rejected.</summary>
    Rejected = 2,

    /// <summary>It was approved, and the call runs or has run. It runs no second time.</summary>
    Used = 3,

    /// <summary>Its time was over before the call ran.</summary>
    Expired = 4,
}
