namespace AgentHosting.Runs;

/// <summary>What a step of a run was.</summary>
public enum RunStepKind
{
    /// <summary>A call of a model.</summary>
    Model = 0,

    /// <summary>A call of a tool.</summary>
    Tool = 1,

    /// <summary>The answer of a person, such as the approval of a tool call.</summary>
    Approval = 2,

    /// <summary>A step of the agent's or a tool's own code.</summary>
    Code = 3,

    /// <summary>The end of a wait for a time.</summary>
    Timer = 4,

    /// <summary>An event from outside, or the end of the wait for it.</summary>
    Event = 5,

    /// <summary>What the run began from: frozen by its first attempt, and not shown to readers.</summary>
    Start = 6,
}
