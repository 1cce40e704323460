namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>What an idempotency key stands for.</summary>
internal sealed class IdempotencyRecord
{
    public required (string Owner, string Key) Key { get; init; }

    public required string RunId { get; init; }

    public required string? Fingerprint { get; init; }

    public required DateTimeOffset RemoveAt { get; init; }
}
