using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentHosting.Runs;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>What a run waits for.</summary>
internal sealed class RunWaitBody
{
    [JsonPropertyName("request_id")]
    [Description("The name under which it is answered.")]
    public required string RequestId { get; init; }

    [JsonPropertyName("kind")]
    [Description("One of: approval, timer, event. Only an approval is answered over approvals.")]
    public required string Kind { get; init; }

    [JsonPropertyName("step")]
    [Description("The key of the step that the answer becomes.")]
    public required string Step { get; init; }

    [JsonPropertyName("name")]
    [Description("The tool, or the name of the question, the timer or the event.")]
    public required string Name { get; init; }

    [JsonPropertyName("call_id")]
    public string? CallId { get; init; }

    [JsonPropertyName("arguments")]
    [Description("The arguments of the call, filtered by the host's output guard.")]
    public JsonElement? Arguments { get; init; }

    [JsonPropertyName("reason")]
    [Description("Why a person is asked, or the question.")]
    public string? Reason { get; init; }

    [JsonPropertyName("approver")]
    [Description("The authorization policy that the approver must satisfy. Left out: the run's owner answers.")]
    public string? Approver { get; init; }

    [JsonPropertyName("expires_at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    public static RunWaitBody From(RunWait wait) => new()
    {
        RequestId = wait.RequestId,
        Kind = RunWords.Of(wait.Kind),
        Step = wait.Key,
        Name = wait.Name,
        CallId = wait.CallId,
        Arguments = wait.Arguments,
        Reason = wait.Reason,
        Approver = wait.Approver,
        ExpiresAt = wait.DueAt?.ToUniversalTime(),
    };
}
