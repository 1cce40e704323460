using System.Text.Json;
using System.Text.Json.Serialization;
using AgentHosting.AspNetCore.Runs;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Streaming;

/// <summary>The data of one server-sent event.</summary>
internal sealed class RunEventBody
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    [JsonPropertyName("task_id")]
    public string? TaskId { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("agent")]
    public string? Agent { get; init; }

    [JsonPropertyName("attempt")]
    public int? Attempt { get; init; }

    [JsonPropertyName("step")]
    public string? Step { get; init; }

    [JsonPropertyName("kind")]
    public string? Kind { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("model")]
    public string? Model { get; init; }

    /// <summary>What to add to the text so far.</summary>
    [JsonPropertyName("delta")]
    public string? Delta { get; init; }

    /// <summary>The text so far, in a snapshot.</summary>
    [JsonPropertyName("text")]
    public string? Text { get; init; }

    [JsonPropertyName("call_id")]
    public string? CallId { get; init; }

    [JsonPropertyName("arguments")]
    public JsonElement? Arguments { get; init; }

    /// <summary>What a tool returned. Not <c>result</c>, which is the run's and always text.</summary>
    [JsonPropertyName("output")]
    public JsonElement? Output { get; init; }

    [JsonPropertyName("result")]
    public string? Result { get; init; }

    [JsonPropertyName("error")]
    public RunErrorBody? Error { get; init; }

    [JsonPropertyName("request_id")]
    public string? RequestId { get; init; }

    [JsonPropertyName("approved")]
    public bool? Approved { get; init; }

    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    [JsonPropertyName("approver")]
    public string? Approver { get; init; }

    [JsonPropertyName("usage")]
    public RunUsageBody? Usage { get; init; }

    [JsonPropertyName("cost")]
    public decimal? Cost { get; init; }

    public static RunEventBody From(AgentRunEvent runEvent, string runId)
    {
        var isDelta = runEvent.Type is AgentRunEventTypes.TextDelta or AgentRunEventTypes.ReasoningDelta;
        var isAboutRun = runEvent.Type == AgentRunEventTypes.Snapshot || runEvent.Type.StartsWith("run.", StringComparison.Ordinal);
        return new RunEventBody
        {
            Type = runEvent.Type,
            At = runEvent.At.ToUniversalTime(),
            TaskId = isAboutRun ? runId : null,
            Status = runEvent.Status is { } status ? RunWords.Of(status) : null,
            Agent = runEvent.Agent,
            Attempt = runEvent.Attempt,
            Step = runEvent.Step,
            Kind = runEvent.Kind is { } kind ? RunWords.Of(kind) : null,
            Name = runEvent.Name,
            Model = runEvent.Model,
            Delta = isDelta ? runEvent.Text : null,
            Text = isDelta ? null : runEvent.Text,
            CallId = runEvent.CallId,
            Arguments = runEvent.Arguments,
            Output = runEvent.ToolResult,
            Result = runEvent.Result,
            Error = RunErrorBody.From(runEvent.Error),
            RequestId = runEvent.RequestId,
            Approved = runEvent.Approved,
            Reason = runEvent.Reason,
            Approver = runEvent.Approver,
            Usage = runEvent.Usage is { } usage ? RunUsageBody.From(usage) : null,
            Cost = runEvent.Cost,
        };
    }
}
