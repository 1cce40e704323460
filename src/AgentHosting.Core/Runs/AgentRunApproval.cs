namespace AgentHosting.Runs;

/// <summary>The answer of a person to the question whether a tool call may be made.</summary>
public sealed class AgentRunApproval
{
    /// <summary>Whether the call may be made.</summary>
    public required bool Approved { get; init; }

    /// <summary>Why. The model reads it where the call is rejected.</summary>
    public string? Reason { get; init; }

    /// <summary>Who answered, for the journal and the audit.</summary>
    public string? Approver { get; init; }
}
