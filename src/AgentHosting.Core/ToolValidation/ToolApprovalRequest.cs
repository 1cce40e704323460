namespace AgentHosting.ToolValidation;

/// <summary>A tool call that waits for approval, or once did. It is bound to who asked for it, where, and to the hash of its arguments.</summary>
public sealed class ToolApprovalRequest
{
    /// <summary>The id, which cannot be guessed.</summary>
    public required string Id { get; init; }

    /// <summary>The tool's name.</summary>
    public required string Tool { get; init; }

    /// <summary>The call's id, as the provider gave it. It may repeat.</summary>
    public required string CallId { get; init; }

    /// <summary>The arguments that were checked, as canonical JSON (UTF-8). These are the ones that run.</summary>
    public required ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>The SHA-256 of the arguments, in lower-case hexadecimal.</summary>
    public required string ArgumentsHash { get; init; }

    /// <summary>The SHA-256 of the tool's schema. A tool that has another one since does not run.</summary>
    public required string SchemaHash { get; init; }

    /// <summary>What the call can do at worst.</summary>
    public required ToolRisk Risk { get; init; }

    /// <summary>The tenant of the call.</summary>
    public string? TenantId { get; init; }

    /// <summary>The user for whom the call is made.</summary>
    public string? UserId { get; init; }

    /// <summary>The conversation.</summary>
    public string? SessionId { get; init; }

    /// <summary>The run.</summary>
    public string? RunId { get; init; }

    /// <summary>The step of the run.</summary>
    public string? Step { get; init; }

    /// <summary>The agent's name.</summary>
    public string? Agent { get; init; }

    /// <summary>The policy that the approver must satisfy; <see langword="null"/> for the user of the call.</summary>
    public string? Approver { get; init; }

    /// <summary>Why a person is asked.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it may be answered and the call may run.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Where it stands.</summary>
    public ToolApprovalStatus Status { get; init; }

    /// <summary>The decision, once there is one.</summary>
    public ToolApprovalDecision? Decision { get; init; }

    /// <summary>When it was decided.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>What the call returned, once it has.</summary>
    public string? Result { get; init; }

    internal ToolApprovalRequest With(ToolApprovalStatus status, ToolApprovalDecision? decision = null, DateTimeOffset? decidedAt = null, string? result = null) => new()
    {
        Id = Id,
        Tool = Tool,
        CallId = CallId,
        Arguments = Arguments,
        ArgumentsHash = ArgumentsHash,
        SchemaHash = SchemaHash,
        Risk = Risk,
        TenantId = TenantId,
        UserId = UserId,
        SessionId = SessionId,
        RunId = RunId,
        Step = Step,
        Agent = Agent,
        Approver = Approver,
        Reason = Reason,
        CreatedAt = CreatedAt,
        ExpiresAt = ExpiresAt,
        Status = status,
        Decision = decision ?? Decision,
        DecidedAt = decidedAt ?? DecidedAt,
        Result = result ?? Result,
    };
}
