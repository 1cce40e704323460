using System.IO.Hashing;
using System.Security.Cryptography;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>
/// The identity of a request: its canonical bytes, found by a fast hash and then compared in full, so that a forged collision finds nothing. Of a long
/// request it is the SHA-256 of those bytes, which bounds what an entry holds.
/// </summary>
internal sealed class RequestKey
{
    private const int ComparedInFull = 64 * 1024;

    private string? _shared;

    private RequestKey(byte[] bytes, UInt128 hash)
    {
        Bytes = bytes;
        Hash = hash;
    }

    public byte[] Bytes { get; }

    public UInt128 Hash { get; }

    /// <summary>The key in the shared cache; made when it is first needed, as most answers are found before that.</summary>
    public string Shared => _shared ??= "agenthosting:answer:v1:" + Convert.ToHexStringLower(Bytes.Length == SHA256.HashSizeInBytes ? Bytes : SHA256.HashData(Bytes));

    /// <summary>Reduces canonical bytes to those that identify the request.</summary>
    /// <param name="canonical">The canonical bytes.</param>
    /// <param name="digest">Room for a digest: <see cref="SHA256.HashSizeInBytes"/> bytes.</param>
    public static ReadOnlySpan<byte> Identity(ReadOnlySpan<byte> canonical, Span<byte> digest)
    {
        if (canonical.Length <= ComparedInFull)
        {
            return canonical;
        }

        SHA256.HashData(canonical, digest);
        return digest;
    }

    public static UInt128 HashOf(ReadOnlySpan<byte> identity) => XxHash128.HashToUInt128(identity);

    public static RequestKey Of(ReadOnlySpan<byte> identity) => new(identity.ToArray(), HashOf(identity));
}
