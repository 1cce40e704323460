using System.Buffers;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>A buffer that takes no more than a number of bytes, so that what is too large is found before it is copied.</summary>
internal sealed class BoundedBuffer(int limit) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _buffer = new(Math.Min(limit, 1024));

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public void Advance(int count)
    {
        _buffer.Advance(count);
        ThrowIfOver(_buffer.WrittenCount);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfOver(_buffer.WrittenCount + (long)sizeHint / MaxGrowth);
        return _buffer.GetMemory(sizeHint);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        ThrowIfOver(_buffer.WrittenCount + (long)sizeHint / MaxGrowth);
        return _buffer.GetSpan(sizeHint);
    }

    // A JSON writer asks for the worst case of a text: six bytes for a character that is escaped, or three of UTF-8.
    private const int MaxGrowth = 6;

    private void ThrowIfOver(long bytes)
    {
        if (bytes > limit)
        {
            throw new BufferLimitException();
        }
    }
}
