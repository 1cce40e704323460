using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentHosting.AspNetCore.Alerts;

/// <summary>Signs as the Standard Webhooks specification says: HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
internal sealed class WebhookSigner
{
    private const string Prefix = "whsec_";
    private readonly byte[] _key;

    private WebhookSigner(byte[] key) => _key = key;

    /// <returns>The signer; <see langword="null"/> when the secret is none.</returns>
    public static WebhookSigner? TryParse(string secret)
    {
        var key = new byte[64];
        return secret.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) && length >= 24
            ? new WebhookSigner(key[..length])
            : null;
    }

    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
        hash.AppendData(body);
        return $"v1,{Convert.ToBase64String(hash.GetHashAndReset())}";
    }
}
