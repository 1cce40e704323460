using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The name of a request as plain bytes: the one string of a row that is new with each call, which the garbage collector would have to move.</summary>
internal readonly struct SpendRowId
{
    // Names of requests of runs have some sixty characters.
    private const int MaxLength = 80;
    private readonly Bytes _bytes;
    private readonly int _length;
    private readonly string? _other;

    public SpendRowId(string id)
    {
        if (Ascii.FromUtf16(id, _bytes, out _length) != OperationStatus.Done)
        {
            _other = id;
        }
    }

    public override string ToString() => _other ?? Encoding.ASCII.GetString(((ReadOnlySpan<byte>)_bytes)[.._length]);

    [InlineArray(MaxLength)]
    private struct Bytes
    {
        private byte _first;
    }
}
