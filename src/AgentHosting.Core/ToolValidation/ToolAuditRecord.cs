namespace AgentHosting.ToolValidation;

/// <summary>One entry of the audit trail of tool calls. It holds no arguments and no results.</summary>
public sealed class ToolAuditRecord
{
    /// <summary>What happened.</summary>
    public required ToolAuditEvent Event { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The tool's name; of an answer that was refused, what the answer says.</summary>
    public required string Tool { get; init; }

    /// <summary>The id of the request for approval.</summary>
    public string? RequestId { get; init; }

    /// <summary>The SHA-256 of the arguments.</summary>
    public string? ArgumentsHash { get; init; }

    /// <summary>The user for whom the call is made, or who brought the answer.</summary>
    public string? UserId { get; init; }

    /// <summary>The tenant.</summary>
    public string? TenantId { get; init; }

    /// <summary>The conversation.</summary>
    public string? SessionId { get; init; }

    /// <summary>The run.</summary>
    public string? RunId { get; init; }

    /// <summary>The agent's name.</summary>
    public string? Agent { get; init; }

    /// <summary>Who decided.</summary>
    public string? Approver { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}
