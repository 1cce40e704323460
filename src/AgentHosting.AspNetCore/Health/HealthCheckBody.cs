using System.Text.Json.Serialization;

namespace AgentHosting.AspNetCore.Health;

/// <summary>One thing that was looked at.</summary>
internal sealed class HealthCheckBody
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("status")]
    public required string Status { get; init; }

    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    public static HealthCheckBody Of(string name, string? reason) =>
        new() { Name = name, Status = reason is null ? HealthBody.Healthy : HealthBody.Unhealthy, Reason = reason };
}
