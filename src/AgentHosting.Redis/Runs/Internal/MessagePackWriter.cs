using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>Writes the little of MessagePack that scripts read with <c>cmsgpack.unpack</c>: arrays, strings and bytes, whole numbers, false.</summary>
/// <remarks>https://github.com/msgpack/msgpack/blob/master/spec.md</remarks>
internal sealed class MessagePackWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <param name="count">How many values follow, up to 15.</param>
    public MessagePackWriter Array(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 15);
        _buffer.Write<byte>([(byte)(0x90 | count)]);
        return this;
    }

    public MessagePackWriter Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    /// <remarks>As a string, which is what Lua has: its strings are bytes.</remarks>
    public MessagePackWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        Header(0xdb, sizeof(uint));
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.GetSpan(sizeof(uint)), (uint)bytes.Length);
        _buffer.Advance(sizeof(uint));
        _buffer.Write(bytes);
        return this;
    }

    public MessagePackWriter Number(long number)
    {
        Header(0xd3, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(sizeof(long)), number);
        _buffer.Advance(sizeof(long));
        return this;
    }

    public MessagePackWriter False()
    {
        _buffer.Write<byte>([0xc2]);
        return this;
    }

    private void Header(byte kind, int following)
    {
        _buffer.GetSpan(1 + following)[0] = kind;
        _buffer.Advance(1);
    }
}
