using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>Where a provider keeps the answer to a model step, stored as soon as it is known: a later attempt reads the answer on from there instead of paying for another.</summary>
internal sealed class ModelNote
{
    /// <summary>The continuation token.</summary>
    public required ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>The model that is at work.</summary>
    public required string Model { get; init; }

    /// <summary>The fingerprint of the request: the token answers no other.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What was charged of the answer by estimate, in tokens.</summary>
    public (long Input, long Output) Charged { get; init; }

    /// <summary>What came before the token.</summary>
    public required IReadOnlyList<ChatResponseUpdate> Updates { get; init; }

    public static byte[] Write(ModelNote note)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", JournalFormat.Version);
            writer.WriteBase64String("token", note.Token.Span);
            writer.WriteString("model", note.Model);
            writer.WriteString("fingerprint", note.Fingerprint);
            writer.WriteNumber("charged_input", note.Charged.Input);
            writer.WriteNumber("charged_output", note.Charged.Output);
            writer.WriteStartArray("updates");
            foreach (var update in note.Updates)
            {
                JsonSerializer.Serialize(writer, update, JournalFormat.Options.GetTypeInfo(typeof(ChatResponseUpdate)));
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static ModelNote Read(ReadOnlyMemory<byte> payload)
    {
        using var document = JournalFormat.Parse(payload);
        var root = document.RootElement;
        return new ModelNote
        {
            Token = root.GetProperty("token").GetBytesFromBase64(),
            Model = root.GetProperty("model").GetString()!,
            Fingerprint = root.GetProperty("fingerprint").GetString()!,
            Charged = (root.GetProperty("charged_input").GetInt64(), root.GetProperty("charged_output").GetInt64()),
            Updates = [.. root.GetProperty("updates").EnumerateArray()
                .Select(update => (ChatResponseUpdate)update.Deserialize(JournalFormat.Options.GetTypeInfo(typeof(ChatResponseUpdate)))!)],
        };
    }
}
