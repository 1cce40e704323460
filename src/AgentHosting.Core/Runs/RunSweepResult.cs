namespace AgentHosting.Runs;

/// <summary>What a sweep did.</summary>
public sealed class RunSweepResult
{
    /// <summary>Runs whose lease had ended and that were given back to the queue.</summary>
    public int Recovered { get; init; }

    /// <summary>Runs that were failed because their leases were lost too often.</summary>
    public int Failed { get; init; }

    /// <summary>Runs that were to be cancelled and whose lease had ended.</summary>
    public int Cancelled { get; init; }

    /// <summary>Runs whose time was up.</summary>
    public int Expired { get; init; }

    /// <summary>Records that were removed after their retention.</summary>
    public int Removed { get; init; }
}
