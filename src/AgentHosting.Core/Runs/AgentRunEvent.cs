using System.Text.Json;

namespace AgentHosting.Runs;

/// <summary>What a run tells its watchers. Which members are set follows from <see cref="Type"/>.</summary>
public sealed class AgentRunEvent
{
    /// <summary>The number of the event in its run, from 1 without a gap. Given by the store.</summary>
    public long Sequence { get; init; }

    /// <summary>One of <see cref="AgentRunEventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>When the store took it, by the store's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The run: <c>run.*</c> and <c>snapshot</c>.</summary>
    public string? RunId { get; init; }

    /// <summary>The agent: <c>run.queued</c>.</summary>
    public string? Agent { get; init; }

    /// <summary>The attempt: <c>run.started</c>, <c>step.*</c>, deltas.</summary>
    public int? Attempt { get; init; }

    /// <summary>The key of the step: <c>step.*</c>, deltas, <c>tool.*</c>, <c>usage</c>.</summary>
    public string? Step { get; init; }

    /// <summary>Model or tool: <c>step.*</c>.</summary>
    public RunStepKind? Kind { get; init; }

    /// <summary>The name of the tool or agent: <c>step.*</c>, <c>tool.*</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The model that served the call: <c>step.completed</c>, <c>usage</c>.</summary>
    public string? Model { get; init; }

    /// <summary>The text: <c>text.delta</c>, <c>reasoning.delta</c>; in <c>snapshot</c> the text of the step so far.</summary>
    public string? Text { get; init; }

    /// <summary>The provider's id of the tool call: <c>tool.*</c>. It may repeat within a run; the step key does not.</summary>
    public string? CallId { get; init; }

    /// <summary>The arguments of the tool call: <c>tool.call</c>.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>The result of the tool: <c>tool.result</c>.</summary>
    public JsonElement? ToolResult { get; init; }

    /// <summary>The final answer: <c>run.completed</c>.</summary>
    public string? Result { get; init; }

    /// <summary>What went wrong: <c>run.failed</c>, <c>run.expired</c>, <c>tool.result</c> of a tool that failed.</summary>
    public AgentRunError? Error { get; init; }

    /// <summary>Tokens: <c>usage</c>, and the whole run's in <c>run.completed</c>.</summary>
    public AgentRunUsage? Usage { get; init; }

    /// <summary>Cost: <c>usage</c>, and the whole run's in <c>run.completed</c>.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The status: <c>snapshot</c>.</summary>
    public AgentRunStatus? Status { get; init; }

    /// <summary>The name under which the question is answered: <c>approval.*</c>.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whether the call may be made: <c>approval.answered</c>.</summary>
    public bool? Approved { get; init; }

    /// <summary>Why a person is asked, or why they said so: <c>approval.*</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Who answered: <c>approval.answered</c>; the policy that the approver must satisfy: <c>approval.requested</c>.</summary>
    public string? Approver { get; init; }

    /// <summary>Whether the step that begins has effects (<see cref="RunStep.HasEffects"/>): <c>step.started</c>, <c>step.restarted</c>.</summary>
    public bool HasEffects { get; init; }

    /// <summary>A copy with the number and the time that the store gives.</summary>
    /// <param name="sequence">The number.</param>
    /// <param name="at">The time.</param>
    /// <returns>The copy.</returns>
    public AgentRunEvent Numbered(long sequence, DateTimeOffset at) => new()
    {
        Sequence = sequence,
        At = at,
        Type = Type,
        RunId = RunId,
        Agent = Agent,
        Attempt = Attempt,
        Step = Step,
        Kind = Kind,
        Name = Name,
        Model = Model,
        Text = Text,
        CallId = CallId,
        Arguments = Arguments,
        ToolResult = ToolResult,
        Result = Result,
        Error = Error,
        Usage = Usage,
        Cost = Cost,
        Status = Status,
        RequestId = RequestId,
        Approved = Approved,
        Reason = Reason,
        Approver = Approver,
        HasEffects = HasEffects,
    };
}
