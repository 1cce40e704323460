using System.Security.Cryptography;
using AgentHosting.PayloadProtection;

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>Hides payloads without secrecy: each byte is changed, and a hash of context and key stands before them, which is checked.</summary>
internal sealed class TestProtector(byte key = 0x5a) : IPayloadProtector
{
    public byte[] Protect(ReadOnlySpan<byte> payload, PayloadContext context) => [.. Tag(context), .. Change(payload)];

    public byte[] Unprotect(ReadOnlySpan<byte> protectedPayload, PayloadContext context) =>
        protectedPayload.StartsWith(Tag(context)) ? Change(protectedPayload[SHA256.HashSizeInBytes..]) : throw new CryptographicException("Another context or key.");

    private byte[] Tag(PayloadContext context) => SHA256.HashData([key, .. context.GetAssociatedData()]);

    private byte[] Change(ReadOnlySpan<byte> bytes)
    {
        var changed = bytes.ToArray();
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] ^= key;
        }

        return changed;
    }
}
