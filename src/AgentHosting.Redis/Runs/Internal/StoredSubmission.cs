namespace AgentHosting.Redis.Runs.Internal;

/// <summary>What is stored of a submission beside the fields that scripts read.</summary>
internal sealed class StoredSubmission
{
    public string? Tenant { get; init; }

    public string User { get; init; } = "";

    public IReadOnlyList<AgentClaim>? Claims { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public string? TraceParent { get; init; }
}
