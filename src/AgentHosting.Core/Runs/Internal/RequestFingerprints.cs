using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Hashes what the steps of one attempt are given, so that a replay is known to ask what the journal answers. A request's is the hash over the hashes of its options and
/// messages. The list of tools is left out: MCP servers change it by themselves. A message is read once, since the loop hands on the same objects at every step.
/// </summary>
internal sealed class RequestFingerprints
{
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly List<(ChatMessage Message, byte[] Hash)> _messages = [];
    private (ChatOptions? Options, byte[] Hash) _options = (null, SHA256.HashData([]));

    public static string OfArguments(FunctionCallContent call) => Convert.ToHexStringLower(SHA256.HashData(call.Arguments is null
        ? []
        : JsonSerializer.SerializeToUtf8Bytes(call.Arguments, JournalFormat.Options.GetTypeInfo(typeof(IDictionary<string, object?>)))));

    public string OfRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(options, _options.Options))
            {
                _options = (options, Hash(options, typeof(ChatOptions)));
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(_options.Hash);
            var position = 0;
            foreach (var message in messages)
            {
                if (position == _messages.Count || !ReferenceEquals(_messages[position].Message, message))
                {
                    _messages.RemoveRange(position, _messages.Count - position);
                    _messages.Add((message, Hash(message, typeof(ChatMessage))));
                }

                hash.AppendData(_messages[position].Hash);
                position++;
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    private byte[] Hash(object? value, Type type)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer))
        {
            JsonSerializer.Serialize(writer, value, JournalFormat.Options.GetTypeInfo(type));
        }

        return SHA256.HashData(_buffer.WrittenSpan);
    }
}
