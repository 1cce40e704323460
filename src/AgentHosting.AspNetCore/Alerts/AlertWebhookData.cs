using System.Text.Json.Serialization;

namespace AgentHosting.AspNetCore.Alerts;

/// <summary>The alert in the body of a request.</summary>
internal sealed class AlertWebhookData
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    [JsonPropertyName("scope")]
    public required string Scope { get; init; }

    [JsonPropertyName("scope_id")]
    public required string ScopeId { get; init; }

    [JsonPropertyName("tenant_id")]
    public string? TenantId { get; init; }

    [JsonPropertyName("unit")]
    public required string Unit { get; init; }

    [JsonPropertyName("ratio")]
    public required double Ratio { get; init; }

    [JsonPropertyName("cap")]
    public decimal? Cap { get; init; }

    [JsonPropertyName("usual")]
    public decimal? Usual { get; init; }

    [JsonPropertyName("spent")]
    public required decimal Spent { get; init; }

    [JsonPropertyName("window")]
    public required string Window { get; init; }

    [JsonPropertyName("resets_at")]
    public DateTimeOffset? ResetsAt { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }
}
