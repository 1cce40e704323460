using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentHosting.Redis.PayloadProtection.Internal;

/// <summary>
/// How a payload that is not stored as it is stands in Redis: <c>FF KIND PLAIN:STORED:</c> and the stored bytes; the kind is S for a protected one, P for one that is not, PLAIN its length
/// without protection, STORED how many bytes follow. Text in UTF-8 and JSON have no byte FF, so that both kinds are told apart without doubt; other bytes that begin with one are framed
/// as P. A frame knows its length: scripts put texts together without looking into them, and a row of frames, with plain text between them, is read one by one.
/// </summary>
internal static class PayloadFrame
{
    private const byte Mark = 0xff;
    private const byte Sealed = (byte)'S';
    private const byte Plain = (byte)'P';

    public static bool BeginsWithMark(ReadOnlySpan<byte> stored) => stored.Length > 0 && stored[0] == Mark;

    public static byte[] WriteSealed(int plainLength, ReadOnlySpan<byte> stored) => Write(Sealed, plainLength, stored);

    public static byte[] WritePlain(ReadOnlySpan<byte> payload) => Write(Plain, payload.Length, payload);

    /// <summary>Takes the first part off a row of frames and plain texts.</summary>
    /// <param name="rest">What is left of the row; not empty.</param>
    /// <param name="isSealed">Whether the part is protected.</param>
    /// <exception cref="CryptographicException">It is no frame.</exception>
    public static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest, out bool isSealed)
    {
        isSealed = false;
        ReadOnlySpan<byte> part;
        if (rest[0] != Mark)
        {
            var end = rest.IndexOf(Mark);
            part = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[end..];
            return part;
        }

        if (rest.Length < 2 || rest[1] is not (Sealed or Plain))
        {
            throw Broken();
        }

        isSealed = rest[1] == Sealed;
        rest = rest[2..];
        TakeLength(ref rest);
        var length = TakeLength(ref rest);
        if (length > rest.Length)
        {
            throw Broken();
        }

        part = rest[..length];
        rest = rest[length..];
        return part;
    }

    /// <summary>Takes a number and the colon after it.</summary>
    /// <exception cref="CryptographicException">There is none.</exception>
    public static int TakeLength(ref ReadOnlySpan<byte> rest)
    {
        if (!Utf8Parser.TryParse(rest, out int length, out var digits) || length < 0 || digits == rest.Length || rest[digits] != (byte)':')
        {
            throw Broken();
        }

        rest = rest[(digits + 1)..];
        return length;
    }

    public static CryptographicException Broken() => new("What is stored is not as it was written.");

    private static byte[] Write(byte kind, int plainLength, ReadOnlySpan<byte> stored) =>
        [Mark, kind, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{plainLength}:{stored.Length}:")), .. stored];
}
