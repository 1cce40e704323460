namespace AgentHosting.ToolValidation;

/// <summary>The answer to a request for approval.</summary>
public sealed class ToolApprovalDecision
{
    /// <summary>Whether the call may run.</summary>
    public required bool IsApproved { get; init; }

    /// <summary>Who decided. Whether that person may is for the caller to check.</summary>
    public string? Approver { get; init; }

    /// <summary>Why, in words that the model may read.</summary>
    public string? Reason { get; init; }
}
