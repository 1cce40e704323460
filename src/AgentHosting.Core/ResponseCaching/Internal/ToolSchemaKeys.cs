using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// The canonical bytes of schemas, which would cost more than the rest of a key. They are kept per owner (a tool, a response format) and used only
/// while its schema has, byte for byte, the text from which they were made.
/// </summary>
internal static class ToolSchemaKeys
{
    private static readonly ConditionalWeakTable<object, Canonical> Known = [];

    public static bool TryWrite(KeyWriter writer, object owner, JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Undefined)
        {
            writer.Tag('?');
            return true;
        }

        var raw = JsonMarshal.GetRawUtf8Value(schema);
        if (!Known.TryGetValue(owner, out var canonical) || !raw.SequenceEqual(canonical.Raw))
        {
            var scratch = KeyWriter.Rent();
            try
            {
                if (!KeyValueWriter.TryWriteJson(scratch, schema))
                {
                    return false;
                }

                canonical = new Canonical { Raw = raw.ToArray(), Bytes = scratch.Written.ToArray() };
                Known.AddOrUpdate(owner, canonical);
            }
            finally
            {
                KeyWriter.Return(scratch);
            }
        }

        writer.Bytes(canonical.Bytes);
        return true;
    }

    private sealed class Canonical
    {
        public required byte[] Raw { get; init; }

        public required byte[] Bytes { get; init; }
    }
}
