namespace AgentHosting.Runs;

/// <summary>What a step of a run was.</summary>
public enum RunStepKind
{
    /// <summary>A call of a model.</summary>
    Model = 0,

    /// <summary>A call of a tool.</summary>
    Tool = 1,

    /// <summary>The approval of a tool call by a person.</summary>
    Approval = 2,

    /// <summary>What the run began from: frozen by its first attempt, and not shown to readers.</summary>
    Start = 6,
}
