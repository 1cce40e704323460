namespace AgentHosting.Runs;

/// <summary>One round of tidying up.</summary>
public sealed class RunSweepRequest
{
    /// <summary>A run whose leases were lost more often than this is failed with <see cref="AgentRunErrorCodes.CrashLimit"/>.</summary>
    public required int MaxCrashes { get; init; }

    /// <summary>How many runs of each kind to treat at most.</summary>
    public int Limit { get; init; } = 256;
}
