using System.ComponentModel;
using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>A run as its readers see it.</summary>
[JsonNumberHandling(JsonNumberHandling.Strict)]
internal sealed class RunStatusBody
{
    [JsonPropertyName("task_id")]
    public required string TaskId { get; init; }

    [JsonPropertyName("agent")]
    public required string Agent { get; init; }

    [JsonPropertyName("status")]
    [Description(RunWords.StatusDescription)]
    public required string Status { get; init; }

    [JsonPropertyName("result")]
    [Description("The answer of a run that completed.")]
    public string? Result { get; init; }

    [JsonPropertyName("error")]
    public RunErrorBody? Error { get; init; }

    [JsonPropertyName("usage")]
    public required RunUsageBody Usage { get; init; }

    [JsonPropertyName("cost")]
    [Description("The sum over all steps whose cost is known.")]
    public required decimal Cost { get; init; }

    [JsonPropertyName("attempts")]
    public required int Attempts { get; init; }

    [JsonPropertyName("steps")]
    public required IReadOnlyList<RunStepBody> Steps { get; init; }

    [JsonPropertyName("session_id")]
    public string? SessionId { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("started_at")]
    public DateTimeOffset? StartedAt { get; init; }

    [JsonPropertyName("completed_at")]
    public DateTimeOffset? CompletedAt { get; init; }

    [JsonPropertyName("waiting_for")]
    [Description("What a waiting run waits for.")]
    public IReadOnlyList<RunWaitBody>? WaitingFor { get; init; }

    public static RunStatusBody From(AgentRun run) => new()
    {
        TaskId = run.Id,
        Agent = run.Agent,
        Status = RunWords.Of(run.Status),
        Result = run.Result,
        Error = RunErrorBody.From(run.Error),
        Usage = RunUsageBody.From(run.Usage),
        Cost = run.Cost,
        Attempts = run.Attempts,
        Steps = [.. run.Steps.Select(RunStepBody.From)],
        SessionId = run.SessionId,
        CreatedAt = run.CreatedAt.ToUniversalTime(),
        StartedAt = run.StartedAt?.ToUniversalTime(),
        CompletedAt = run.CompletedAt?.ToUniversalTime(),
        WaitingFor = run.Waits.Count == 0 ? null : [.. run.Waits.Select(RunWaitBody.From)],
    };
}
