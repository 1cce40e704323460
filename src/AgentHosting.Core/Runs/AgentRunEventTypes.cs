namespace AgentHosting.Runs;

/// <summary>The types of <see cref="AgentRunEvent"/>.</summary>
public static class AgentRunEventTypes
{
    /// <summary>The run was accepted. Always the first event.</summary>
    public const string RunQueued = "run.queued";

    /// <summary>A worker started an attempt.</summary>
    public const string RunStarted = "run.started";

    /// <summary>The run waits for an answer.</summary>
    public const string RunWaiting = "run.waiting";

    /// <summary>The run ended with a result.</summary>
    public const string RunCompleted = "run.completed";

    /// <summary>The run ended with an error.</summary>
    public const string RunFailed = "run.failed";

    /// <summary>The run was cancelled.</summary>
    public const string RunCancelled = "run.cancelled";

    /// <summary>The run was not done in time.</summary>
    public const string RunExpired = "run.expired";

    /// <summary>A model call or a tool call began.</summary>
    public const string StepStarted = "step.started";

    /// <summary>A step ended and is journaled.</summary>
    public const string StepCompleted = "step.completed";

    /// <summary>A new attempt does a step again: its partial text is to be dropped.</summary>
    public const string StepRestarted = "step.restarted";

    /// <summary>More text of the answer.</summary>
    public const string TextDelta = "text.delta";

    /// <summary>More of the model's visible reasoning.</summary>
    public const string ReasoningDelta = "reasoning.delta";

    /// <summary>The model asks for a tool.</summary>
    public const string ToolCall = "tool.call";

    /// <summary>A tool has answered.</summary>
    public const string ToolResult = "tool.result";

    /// <summary>A person is asked about a tool call.</summary>
    public const string ApprovalRequested = "approval.requested";

    /// <summary>The question about a tool call is answered, or its time is up.</summary>
    public const string ApprovalAnswered = "approval.answered";

    /// <summary>Tokens and cost of a model call.</summary>
    public const string Usage = "usage";

    /// <summary>Stands for events that are no longer kept.</summary>
    public const string Snapshot = "snapshot";
}
