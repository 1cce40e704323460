using System.ComponentModel;
using System.Text.Json.Serialization;

namespace AgentHosting.AspNetCore.Health;

/// <summary>Whether the host can take requests, and why not.</summary>
internal sealed class ReadinessBody
{
    [JsonPropertyName("status")]
    [Description("healthy or unhealthy.")]
    public required string Status { get; init; }

    [JsonPropertyName("checks")]
    public required IReadOnlyList<HealthCheckBody> Checks { get; init; }

    [JsonIgnore]
    public bool IsHealthy => Status == HealthBody.Healthy;
}
