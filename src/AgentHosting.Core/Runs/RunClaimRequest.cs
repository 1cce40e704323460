namespace AgentHosting.Runs;

/// <summary>What a worker asks for.</summary>
public sealed class RunClaimRequest
{
    /// <summary>The worker's id.</summary>
    public required string WorkerId { get; init; }

    /// <summary>How many runs at most.</summary>
    public required int MaxRuns { get; init; }

    /// <summary>The agents that the worker serves, with how many more runs of each it takes.</summary>
    public required IReadOnlyDictionary<string, int> Agents { get; init; }

    /// <summary>How long the lease lasts without renewal.</summary>
    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>The newest version of the journal's format that the worker reads. Runs whose journal or session has a newer one stay for other workers.</summary>
    /// <value>The default is <see cref="int.MaxValue"/>: all.</value>
    public int JournalVersion { get; init; } = int.MaxValue;
}
