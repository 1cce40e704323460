using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// Writes what a key is made of. Every value has a tag and every text its length, so that no two sequences of values give the same bytes. The bytes are
/// the same in every process.
/// </summary>
internal sealed class KeyWriter
{
    private const int KeptBytes = 256 * 1024;

    [ThreadStatic]
    private static KeyWriter? _spare;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4 * 1024);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>An empty writer: the spare one of this thread, unless a key is being written on it (a tool's property may call another pipeline).</summary>
    public static KeyWriter Rent()
    {
        var writer = _spare ?? new KeyWriter();
        _spare = null;
        writer.Length = 0;
        return writer;
    }

    public static void Return(KeyWriter writer)
    {
        if (writer._buffer.Length > KeptBytes)
        {
            ArrayPool<byte>.Shared.Return(writer._buffer);
            writer._buffer = ArrayPool<byte>.Shared.Rent(4 * 1024);
        }

        _spare = writer;
    }

    public void Tag(char tag)
    {
        Reserve(1)[0] = (byte)tag;
        Length++;
    }

    public void Int64(long value)
    {
        var span = Reserve(9);
        span[0] = (byte)'i';
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value);
        Length += 9;
    }

    public void Int64(long? value)
    {
        if (value is { } number)
        {
            Int64(number);
        }
        else
        {
            Tag('0');
        }
    }

    public void Float(float? value)
    {
        if (value is { } number)
        {
            Int64(BitConverter.SingleToInt32Bits(number));
        }
        else
        {
            Tag('0');
        }
    }

    public void Bool(bool? value) => Tag(value switch { true => 't', false => 'f', null => '0' });

    public void Text(string? value)
    {
        if (value is null)
        {
            Tag('0');
        }
        else
        {
            Text(value.AsSpan());
        }
    }

    public void Text(ReadOnlySpan<char> value)
    {
        var span = Reserve(5 + (3 * value.Length));
        if (Utf8.FromUtf16(value, span[5..], out _, out var written, replaceInvalidSequences: false) == OperationStatus.Done)
        {
            span[0] = (byte)'s';
        }
        else
        {
            // Half a surrogate pair has no UTF-8 form; replaced, texts that differ would look the same.
            var raw = MemoryMarshal.AsBytes(value);
            raw.CopyTo(span[5..]);
            written = raw.Length;
            span[0] = (byte)'u';
        }

        BinaryPrimitives.WriteInt32LittleEndian(span[1..], written);
        Length += 5 + written;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        var span = Reserve(5 + value.Length);
        span[0] = (byte)'b';
        BinaryPrimitives.WriteInt32LittleEndian(span[1..], value.Length);
        value.CopyTo(span[5..]);
        Length += 5 + value.Length;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - Length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(Length + bytes)));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(Length);
    }
}
