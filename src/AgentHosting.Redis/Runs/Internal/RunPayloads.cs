using System.Security.Cryptography;
using System.Text;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.PayloadProtection.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>The payloads of a run, or of a session, as they are stored.</summary>
/// <param name="seal">Protects them.</param>
/// <param name="owner">Whose they are.</param>
/// <param name="runId">The run; <see langword="null"/> for a session that is read by itself.</param>
/// <param name="isLenient">Whether what cannot be read is left out, and <see cref="Unreadable"/> says so.</param>
internal sealed class RunPayloads(PayloadSeal seal, AgentIdentity owner, string? runId, bool isLenient = false)
{
    public bool IsSealing => seal.IsSealing;

    /// <summary>Why something was left out.</summary>
    public string? Unreadable { get; private set; }

    public ReadOnlyMemory<byte> Seal(string kind, ReadOnlyMemory<byte> payload) => seal.Protect(payload, Context(kind));

    public RedisValue SealText(string kind, string? text) => string.IsNullOrEmpty(text) || !IsSealing ? text ?? RedisValue.EmptyString : Seal(kind, Encoding.UTF8.GetBytes(text));

    /// <returns>The payload; <see langword="null"/> where there is none, or it is left out.</returns>
    /// <exception cref="PayloadProtectionException">It cannot be read.</exception>
    public byte[]? Open(string kind, byte[]? stored) => Open(kind, stored, static (seal, stored, context) => seal.Unprotect(stored, context));

    /// <inheritdoc cref="Open(string, byte[])"/>
    public string? OpenText(string kind, byte[]? stored) => Open(kind, stored) is { } text ? Encoding.UTF8.GetString(text) : null;

    /// <summary>Texts that scripts have put together.</summary>
    /// <inheritdoc cref="Open(string, byte[])"/>
    public string? OpenTexts(byte[]? stored) =>
        Open(PayloadKinds.Text, stored, static (seal, stored, context) => seal.UnprotectRow(stored, context)) is { } text ? Encoding.UTF8.GetString(text) : null;

    /// <summary>Says that something is not as it was written.</summary>
    /// <exception cref="PayloadProtectionException">Always, unless such things are left out.</exception>
    public void NoteUnreadable(string kind, CryptographicException exception)
    {
        var what = runId is null ? "The session" : $"Run {runId}";
        var message = $"{what} cannot be read: what is stored as its '{kind}' cannot be unprotected. {PayloadSeal.HowToSet} ({exception.Message})";
        Unreadable ??= message;
        if (!isLenient)
        {
            throw new PayloadProtectionException(message, exception) { RunId = runId };
        }
    }

    private byte[]? Open(string kind, byte[]? stored, Func<PayloadSeal, byte[], PayloadContext, byte[]> open)
    {
        if (stored is null)
        {
            return null;
        }

        try
        {
            return open(seal, stored, Context(kind));
        }
        catch (CryptographicException exception)
        {
            NoteUnreadable(kind, exception);
            return null;
        }
    }

    private PayloadContext Context(string kind) => new() { Kind = kind, TenantId = owner.TenantId, UserId = owner.UserId };
}
