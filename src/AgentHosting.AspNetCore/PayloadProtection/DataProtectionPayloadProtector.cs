using System.Security.Cryptography;
using AgentHosting.PayloadProtection;
using Microsoft.AspNetCore.DataProtection;

namespace AgentHosting.AspNetCore.PayloadProtection;

/// <summary>Protects payloads with ASP.NET Core Data Protection. The context is the purpose, from which the key of each payload is derived.</summary>
internal sealed class DataProtectionPayloadProtector(IDataProtectionProvider provider) : IPayloadProtector
{
    // Part of what is stored: it does not change.
    private const string Purpose = "AgentHosting.Payloads.v1";

    public byte[] Protect(ReadOnlySpan<byte> payload, PayloadContext context) => For(context).Protect(payload.ToArray());

    public byte[] Unprotect(ReadOnlySpan<byte> protectedPayload, PayloadContext context)
    {
        try
        {
            return For(context).Unprotect(protectedPayload.ToArray());
        }
        catch (CryptographicException exception) when (exception.InnerException is { } cause and not CryptographicException)
        {
            // Data Protection wraps whatever goes wrong. This is no fault of the payload: where the ring is kept could not be reached, say, and may be later.
            throw new InvalidOperationException($"Data Protection cannot get at its keys: {cause.Message}", cause);
        }
    }

    private IDataProtector For(PayloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return provider.CreateProtector([Purpose, context.Kind, Part(context.TenantId), Part(context.UserId), Part(context.Key)]);
    }

    // None and an empty one are two.
    private static string Part(string? value) => value is null ? "-" : "=" + value;
}
