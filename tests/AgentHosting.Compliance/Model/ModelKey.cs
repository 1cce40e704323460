namespace AgentHosting.Compliance.Model;

/// <summary>An idempotency key as the model knows it.</summary>
internal sealed record ModelKey(string? TenantId, string UserId, string Key, string RunId, string? Fingerprint, DateTimeOffset RemoveAt)
{
    /// <summary>Its run was erased: it stands for nothing any more, and is only removed when its time is over.</summary>
    public bool IsForgotten { get; set; }
}
