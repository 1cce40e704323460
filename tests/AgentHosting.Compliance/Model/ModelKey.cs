namespace AgentHosting.Compliance.Model;

/// <summary>An idempotency key as the model knows it.</summary>
internal sealed record ModelKey(string? TenantId, string UserId, string Key, string RunId, string? Fingerprint, DateTimeOffset RemoveAt);
