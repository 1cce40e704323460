namespace AgentHosting.ToolValidation;

/// <summary>What a policy says about a tool call.</summary>
public sealed class ToolDecision
{
    private ToolDecision(ToolDecisionKind kind, string? reason = null, string? approver = null)
    {
        Kind = kind;
        Reason = reason;
        Approver = approver;
    }

    /// <summary>The call runs.</summary>
    public static ToolDecision Run { get; } = new(ToolDecisionKind.Run);

    /// <summary>What is to become of the call.</summary>
    public ToolDecisionKind Kind { get; }

    /// <summary>Why, in words that the model and the approver may read.</summary>
    public string? Reason { get; }

    /// <summary>The policy that an approver must satisfy; <see langword="null"/> for the one of the tool.</summary>
    public string? Approver { get; }

    /// <summary>A person is asked first.</summary>
    /// <param name="reason">Why, for the approver.</param>
    /// <param name="approver">The policy that the approver must satisfy; <see langword="null"/> for the one of the tool.</param>
    /// <returns>The decision.</returns>
    public static ToolDecision Ask(string? reason = null, string? approver = null) => new(ToolDecisionKind.Ask, reason, approver);

    /// <summary>The call does not run.</summary>
    /// <param name="reason">Why, for the model.</param>
    /// <returns>The decision.</returns>
    public static ToolDecision Deny(string? reason = null) => new(ToolDecisionKind.Deny, reason);
}
