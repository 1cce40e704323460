namespace AgentHosting.Runs;

/// <summary>How an attempt gives its run back to the queue.</summary>
public sealed class RunRelease
{
    /// <summary>Whether the attempt failed (it counts) or does not count: the worker shuts down, or see <see cref="Interrupted"/>.</summary>
    public required bool Failed { get; init; }

    /// <summary>
    /// Whether the attempt was cut off from the store for too long to be sure of its lease. It is counted among <see cref="AgentRun.Attempts"/>, since it may have made calls, and neither as a failure
    /// nor as a crash; the time after its lease had ended does not count against the run's. Without meaning where <see cref="Failed"/> is set.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Interrupted { get; init; }

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>What the attempt has cost beyond its steps: model calls that failed are paid for too.</summary>
    /// <value>The default is 0.</value>
    public decimal Cost { get; init; }
}
