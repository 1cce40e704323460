using System.Text.Json.Serialization;

namespace AgentHosting.AspNetCore.Internal;

/// <summary>An error as RFC 9457 has it.</summary>
[JsonNumberHandling(JsonNumberHandling.Strict)]
internal sealed class Problem
{
    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("status")]
    public required int Status { get; init; }

    [JsonPropertyName("detail")]
    public string? Detail { get; init; }

    /// <summary>What is wrong, by field.</summary>
    [JsonPropertyName("errors")]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>The run that the error is about.</summary>
    [JsonPropertyName("task_id")]
    public string? TaskId { get; init; }

    /// <summary>Why, in one word that does not change, where several reasons have the same status.</summary>
    [JsonPropertyName("code")]
    public string? Code { get; init; }

    /// <summary>What that run waits for.</summary>
    [JsonPropertyName("request_id")]
    public string? RequestId { get; init; }
}
