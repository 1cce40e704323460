using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>The stored form of <see cref="RunStart"/>, since version 2 of the journal.</summary>
internal static class RunStartFormat
{
    public static byte[] Write(RunStart start)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", JournalFormat.Version);
            writer.WriteString("instructions", start.Instructions);
            writer.WriteString("model", start.Model);
            writer.WriteNumber("max_output_tokens", start.MaxOutputTokens);
            if (start.Temperature is { } temperature)
            {
                writer.WriteNumber("temperature", temperature);
            }

            writer.WriteNumber("max_iterations", start.MaxIterations);
            if (start.AllowBackgroundResponses)
            {
                writer.WriteBoolean("background", true);
            }

            if (start.SessionVersion is { } version)
            {
                writer.WriteNumber("session_version", version);
            }

            writer.WriteString("tools", start.ToolsHash);
            JournalFormat.WriteMessages(writer, start.Messages);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static RunStart Read(ReadOnlyMemory<byte> payload)
    {
        using var document = JournalFormat.Parse(payload);
        var root = document.RootElement;
        return new RunStart
        {
            Instructions = root.GetProperty("instructions").GetString(),
            Model = root.GetProperty("model").GetString(),
            MaxOutputTokens = root.GetProperty("max_output_tokens").GetInt32(),
            Temperature = root.TryGetProperty("temperature", out var temperature) ? temperature.GetSingle() : null,
            MaxIterations = root.GetProperty("max_iterations").GetInt32(),
            AllowBackgroundResponses = root.TryGetProperty("background", out var background) && background.GetBoolean(),
            SessionVersion = root.TryGetProperty("session_version", out var version) ? version.GetInt64() : null,
            ToolsHash = root.GetProperty("tools").GetString()!,
            Messages = JournalFormat.ReadMessages(root),
        };
    }
}
