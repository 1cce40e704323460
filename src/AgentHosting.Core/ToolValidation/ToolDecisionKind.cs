namespace AgentHosting.ToolValidation;

/// <summary>What is to become of a tool call, the strictest last.</summary>
public enum ToolDecisionKind
{
    /// <summary>It runs.</summary>
    Run = 0,

    /// <summary>A person is asked first.</summary>
    Ask = 1,

    /// <summary>It does not run.</summary>
    Deny = 2,
}
