using System.Runtime.CompilerServices;

namespace AgentHosting.ModelRouting.Internal.Complexity;

/// <summary>1,024 bits, one per hash of a word: enough to tell how often words repeat, without allocating.</summary>
[InlineArray(Length)]
internal struct DistinctWords
{
    private const int Length = 16;
    private ulong _bits;

    /// <summary>Whether the word was not there yet.</summary>
    public bool Add(uint hash)
    {
        // The hash leaves the high bits of short words alike.
        var mixed = hash * 2654435769u;
        ref var bits = ref this[(int)(mixed >> 28)];
        var bit = 1ul << (int)((mixed >> 22) & 63);
        var isNew = (bits & bit) == 0;
        bits |= bit;
        return isNew;
    }
}
