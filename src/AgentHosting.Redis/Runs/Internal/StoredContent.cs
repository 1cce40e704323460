namespace AgentHosting.Redis.Runs.Internal;

/// <summary>What of a submission is protected as one.</summary>
internal sealed class StoredContent
{
    public IReadOnlyList<AgentClaim>? Claims { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
