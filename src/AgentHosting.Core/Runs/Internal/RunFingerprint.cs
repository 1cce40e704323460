using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace AgentHosting.Runs.Internal;

/// <summary>Tells whether a repeated idempotency key means the same request: a SHA-256 over everything but the owner.</summary>
internal static class RunFingerprint
{
    public static string Of(AgentRunRequest request)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(request.Message);
            writer.WriteStringValue(request.Agent);
            writer.WriteStringValue(request.SessionId);
            writer.WriteNumberValue(request.Priority);
            writer.WriteStringValue(request.Delay.Ticks.ToString(CultureInfo.InvariantCulture));
            writer.WriteNumberValue((int)request.OnBusy);
            writer.WriteBooleanValue(request.Supersede);
            foreach (var (key, value) in request.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                writer.WriteStringValue(key);
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }
}
