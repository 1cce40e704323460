namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>What there is of a user, in the order of acceptance.</summary>
internal sealed class OwnerRecord
{
    public SortedDictionary<long, RunRecord> Runs { get; } = [];

    public SortedDictionary<long, SessionRecord> Sessions { get; } = [];
}
