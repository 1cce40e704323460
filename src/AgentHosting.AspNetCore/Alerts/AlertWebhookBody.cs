using System.Text.Json;
using System.Text.Json.Serialization;
using AgentHosting.Alerts;

namespace AgentHosting.AspNetCore.Alerts;

/// <summary>The body of a request.</summary>
internal sealed class AlertWebhookBody
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("timestamp")]
    public required DateTimeOffset Timestamp { get; init; }

    [JsonPropertyName("data")]
    public required AlertWebhookData Data { get; init; }

    public static AlertWebhookBody From(SpendAlert alert) => new()
    {
        Type = $"spend_alert.{Word(alert.Kind)}",
        Timestamp = alert.At,
        Data = new AlertWebhookData
        {
            Id = alert.Id,
            Kind = Word(alert.Kind),
            Scope = Word(alert.Scope),
            ScopeId = alert.ScopeId,
            TenantId = alert.TenantId,
            Unit = Word(alert.Unit),
            Ratio = alert.Ratio,
            Cap = alert.Cap,
            Usual = alert.Usual,
            Spent = alert.Spent,
            Window = alert.Window,
            ResetsAt = alert.ResetsAt,
            Message = alert.Message,
        },
    };

    private static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
