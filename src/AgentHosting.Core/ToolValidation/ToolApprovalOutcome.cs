namespace AgentHosting.ToolValidation;

/// <summary>What became of a decision.</summary>
public enum ToolApprovalOutcome
{
    /// <summary>It holds.</summary>
    Accepted = 0,

    /// <summary>The same was decided before.</summary>
    Repeated = 1,

    /// <summary>The opposite was decided before, which holds.</summary>
    Conflict = 2,

    /// <summary>The request's time is over.</summary>
    Expired = 3,

    /// <summary>There is no such request.</summary>
    Unknown = 4,
}
