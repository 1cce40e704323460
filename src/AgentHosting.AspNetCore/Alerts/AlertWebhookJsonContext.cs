using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace AgentHosting.AspNetCore.Alerts;

/// <summary>How the body is written: nulls left out, letters of any script as they are.</summary>
[JsonSerializable(typeof(AlertWebhookBody))]
internal sealed partial class AlertWebhookJsonContext : JsonSerializerContext
{
    public static AlertWebhookJsonContext Wire { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    });
}
