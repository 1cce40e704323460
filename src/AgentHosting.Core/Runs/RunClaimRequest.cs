namespace AgentHosting.Runs;

/// <summary>What a worker asks for.</summary>
public sealed class RunClaimRequest
{
    /// <summary>From so many lost leases on a run is a suspect: it may be what ends its workers, and each time it takes the runs beside it along.</summary>
    public const int SuspectCrashes = 3;

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

    /// <summary>How many suspects at most, of <see cref="SuspectCrashes"/>. Others stay for other workers, or for later: a worker that holds one at a time lets none of them count the crashes of another.</summary>
    /// <value>The default is <see cref="int.MaxValue"/>: all.</value>
    public int MaxSuspects { get; init; } = int.MaxValue;
}
