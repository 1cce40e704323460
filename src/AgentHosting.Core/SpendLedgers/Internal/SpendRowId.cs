using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace AgentHosting.SpendLedgers.Internal;

/// <summary>The name of a request as plain bytes: the one string of a row that is new with each call, which the garbage collector would have to move.</summary>
internal struct SpendRowId
{
    // Names of requests of runs have some sixty characters.
    private const int MaxLength = 80;
    private Bytes _bytes;
    private int _length;
    private string? _other;

    public void Write(string id) => _other = Ascii.FromUtf16(id, _bytes, out _length) == OperationStatus.Done ? null : id;

    public override readonly string ToString() => _other ?? Encoding.ASCII.GetString(((ReadOnlySpan<byte>)_bytes)[.._length]);

    [InlineArray(MaxLength)]
    private struct Bytes
    {
        private byte _first;
    }
}
