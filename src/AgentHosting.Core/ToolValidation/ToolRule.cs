namespace AgentHosting.ToolValidation;

/// <summary>A rule about tool calls. It holds for a call that fits all of what is set.</summary>
public class ToolRule
{
    /// <summary>The tool's name; a star at its end stands for any ending.</summary>
    /// <value>The default is <see langword="null"/>: every tool.</value>
    public string? Tool { get; set; }

    /// <summary>The agent's name.</summary>
    /// <value>The default is <see langword="null"/>: every agent, and calls without one.</value>
    public string? Agent { get; set; }

    /// <summary>The user for whom the call is made.</summary>
    /// <value>The default is <see langword="null"/>: every user, and calls without one.</value>
    public string? User { get; set; }

    /// <summary>The tenant for whom the call is made.</summary>
    /// <value>The default is <see langword="null"/>: every tenant, and calls without one.</value>
    public string? Tenant { get; set; }

    /// <summary>The risk from which on the rule holds.</summary>
    /// <value>The default is <see cref="ToolRisk.Low"/>: any.</value>
    public ToolRisk MinimumRisk { get; set; }

    /// <summary>The name of an argument that must be there. One further down is written with slashes: <c>order/amount</c>.</summary>
    /// <value>The default is <see langword="null"/>: arguments do not matter.</value>
    public string? Argument { get; set; }

    /// <summary>A regular expression that must be found in the argument: in a text, or in the JSON of anything else.</summary>
    /// <value>The default is <see langword="null"/>: any value.</value>
    public string? ArgumentPattern { get; set; }

    /// <summary>A number that the argument must exceed. An argument that is no number exceeds every one, so that a rule is not evaded by writing one as a text.</summary>
    /// <value>The default is <see langword="null"/>: any value.</value>
    public decimal? ArgumentAbove { get; set; }

    /// <summary>What else must be true. When it throws, the call is denied.</summary>
    /// <value>The default is <see langword="null"/>: nothing.</value>
    public Func<ToolPolicyContext, bool>? When { get; set; }

    /// <summary>What is to become of the call.</summary>
    /// <value>The default is <see cref="ToolDecisionKind.Deny"/>.</value>
    public ToolDecisionKind Decision { get; set; } = ToolDecisionKind.Deny;

    /// <summary>Why, in words that the model and the approver may read.</summary>
    /// <value>The default is <see langword="null"/>: no reason is given.</value>
    public string? Reason { get; set; }

    /// <summary>The policy that an approver must satisfy.</summary>
    /// <value>The default is <see langword="null"/>: the one of the tool.</value>
    public string? Approver { get; set; }
}
