namespace AgentHosting.Runs;

/// <summary>How an attempt gives its run back to the queue.</summary>
public sealed class RunRelease
{
    /// <summary>Whether the attempt failed (it counts) or the worker shuts down (it does not).</summary>
    public required bool Failed { get; init; }

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>What the attempt has cost beyond its steps: model calls that failed are paid for too.</summary>
    /// <value>The default is 0.</value>
    public decimal Cost { get; init; }
}
