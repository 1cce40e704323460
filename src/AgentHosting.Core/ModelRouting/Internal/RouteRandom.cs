using System.Security.Cryptography;

namespace AgentHosting.ModelRouting.Internal;

/// <summary>Random numbers for any number of callers at once, without a lock (SplitMix64). Not for secrets.</summary>
internal sealed class RouteRandom
{
    private ulong _state = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>A number from 0 to below 1.</summary>
    public double Next()
    {
        var mixed = Interlocked.Add(ref _state, 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1ul << 53));
    }
}
