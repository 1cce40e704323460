using System.Security.Cryptography;
using AgentHosting.PayloadProtection;

namespace AgentHosting.Redis.PayloadProtection.Internal;

/// <summary>Protects payloads on their way into Redis, where there is a protector, and gives them back. What is empty stays so.</summary>
/// <param name="protector">The protector, if there is one.</param>
/// <param name="isSealing">Whether it is used for what is written, and not only for what is read.</param>
internal sealed class PayloadSeal(IPayloadProtector? protector, bool isSealing)
{
    public const string HowToSet =
        "Register the same protector in every process: UseDataProtection with one key ring and one application name for all of them, or UsePayloadProtector.";

    public static PayloadSeal None { get; } = new(null, isSealing: false);

    /// <summary>Whether it matters whose payloads are.</summary>
    public bool HasProtector => protector is not null;

    public bool IsSealing => isSealing && protector is not null;

    public ReadOnlyMemory<byte> Protect(ReadOnlyMemory<byte> payload, PayloadContext context)
    {
        if (isSealing && protector is not null && !payload.IsEmpty)
        {
            return PayloadFrame.WriteSealed(payload.Length, protector.Protect(payload.Span, context));
        }

        return PayloadFrame.BeginsWithMark(payload.Span) ? PayloadFrame.WritePlain(payload.Span) : payload;
    }

    /// <exception cref="CryptographicException">It was not protected in this context, or not with a key that is known here, or there is no protector here.</exception>
    public byte[] Unprotect(byte[] stored, PayloadContext context)
    {
        if (!PayloadFrame.BeginsWithMark(stored))
        {
            return stored;
        }

        ReadOnlySpan<byte> rest = stored;
        var part = PayloadFrame.Next(ref rest, out var isSealed);
        if (!rest.IsEmpty)
        {
            throw PayloadFrame.Broken();
        }

        return isSealed ? Open(part, context) : part.ToArray();
    }

    /// <summary>Several texts in a row, as scripts put them together.</summary>
    /// <exception cref="CryptographicException">As for <see cref="Unprotect"/>.</exception>
    public byte[] UnprotectRow(byte[] stored, PayloadContext context)
    {
        if (!stored.AsSpan().Contains((byte)0xff))
        {
            return stored;
        }

        using var whole = new MemoryStream(stored.Length);
        for (ReadOnlySpan<byte> rest = stored; !rest.IsEmpty;)
        {
            var part = PayloadFrame.Next(ref rest, out var isSealed);
            whole.Write(isSealed ? Open(part, context) : part);
        }

        return whole.ToArray();
    }

    private byte[] Open(ReadOnlySpan<byte> part, PayloadContext context) =>
        protector is null ? throw new CryptographicException("It is protected, and this process has no IPayloadProtector.") : protector.Unprotect(part, context);
}
