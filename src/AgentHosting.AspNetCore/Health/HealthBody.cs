using System.ComponentModel;
using System.Text.Json.Serialization;

namespace AgentHosting.AspNetCore.Health;

/// <summary>Whether the host is healthy.</summary>
internal sealed class HealthBody
{
    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";

    [JsonPropertyName("status")]
    [Description("healthy or unhealthy.")]
    public required string Status { get; init; }
}
