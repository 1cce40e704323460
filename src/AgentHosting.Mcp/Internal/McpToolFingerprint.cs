using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using AgentHosting.ToolValidation.Internal;
using ModelContextProtocol.Protocol;

namespace AgentHosting.Mcp.Internal;

/// <summary>A SHA-256 over what the model is shown of a tool: name, description, schema of the arguments. The order of keys does not count.</summary>
internal static class McpToolFingerprint
{
    private const string Prefix = "sha256:";

    public static string Of(Tool tool)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(tool.Name);
            writer.WriteStringValue(tool.Description);
            writer.WriteRawValue(CanonicalJson.Of(tool.InputSchema));
            writer.WriteEndArray();
        }

        return Prefix + Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    public static bool IsFingerprint(string? text) =>
        text is not null && text.Length == Prefix.Length + 64 && text.StartsWith(Prefix, StringComparison.Ordinal) && text.Skip(Prefix.Length).All(char.IsAsciiHexDigitLower);
}
