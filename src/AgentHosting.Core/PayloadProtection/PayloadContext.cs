using System.Buffers.Binary;
using System.Text;

namespace AgentHosting.PayloadProtection;

/// <summary>What a payload is, and whose: it can be unprotected in the same context only.</summary>
public sealed class PayloadContext
{
    /// <summary>One of <see cref="PayloadKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The tenant of the owner.</summary>
    /// <value>The default is <see langword="null"/>: the owner has no tenant, or the payload has no owner.</value>
    public string? TenantId { get; init; }

    /// <summary>The owner.</summary>
    /// <value>The default is <see langword="null"/>: the payload has no owner.</value>
    public string? UserId { get; init; }

    /// <summary>Where a payload without an owner belongs: the key of a cached answer, which is a hash of all that the answer depends on, the owner's scope included.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public string? Key { get; init; }

    /// <summary>The context as bytes, different for different contexts, for a cipher that authenticates more than it encrypts (such as AES-GCM).</summary>
    /// <returns>The bytes: version 1, then for each member the length and the UTF-8 text, with length -1 for none.</returns>
    public byte[] GetAssociatedData()
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(int)];
        bytes.WriteByte(1);
        foreach (var member in (string?[])[Kind, TenantId, UserId, Key])
        {
            var text = member is null ? [] : Encoding.UTF8.GetBytes(member);
            BinaryPrimitives.WriteInt32BigEndian(length, member is null ? -1 : text.Length);
            bytes.Write(length);
            bytes.Write(text);
        }

        return bytes.ToArray();
    }
}
