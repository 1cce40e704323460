using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>The body of <c>run</c> and <c>stream</c>.</summary>
[JsonNumberHandling(JsonNumberHandling.Strict)]
internal sealed class RunRequestBody
{
    [JsonPropertyName("message")]
    [Description("What the user says. Not empty.")]
    public required string Message { get; init; }

    [JsonPropertyName("user_id")]
    [Description("Whose run it is. Where the app authenticates it may be left out and must be the caller's own.")]
    [StringLength(128, MinimumLength = 1)]
    public string? UserId { get; init; }

    [JsonPropertyName("session_id")]
    [Description("The conversation that the message belongs to.")]
    [StringLength(128, MinimumLength = 1)]
    public string? SessionId { get; init; }

    [JsonPropertyName("agent")]
    [Description("The agent's name. Left out: the default agent.")]
    public string? Agent { get; init; }

    [JsonPropertyName("priority")]
    [Description("0 (default) to 9; higher runs first within a tenant.")]
    [Range(0, 9)]
    public int Priority { get; init; }

    [JsonPropertyName("delay")]
    [Description("Seconds to wait before the run may start.")]
    [Range(0.0, 2_592_000.0)]
    public double Delay { get; init; }

    [JsonPropertyName("on_busy")]
    [Description("What to do while the session has a run that is not done: 'enqueue' (default), 'reject', 'interrupt' or 'rollback'.")]
    public string? OnBusy { get; init; }

    [JsonPropertyName("supersede")]
    [Description("With 'enqueue': whether a run of the session that waits for an answer makes way. Its open approvals are rejected.")]
    public bool Supersede { get; init; }

    [JsonPropertyName("metadata")]
    [Description("Labels that are kept with the run: at most 16, names of at most 64 and values of at most 512 characters.")]
    public Dictionary<string, string>? Metadata { get; init; }
}
