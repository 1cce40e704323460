namespace AgentHosting.Runs;

/// <summary>How an attempt lays its run aside until one of its open waits is answered.</summary>
public sealed class RunSuspension
{
    /// <summary>What the attempt has cost beyond its steps.</summary>
    /// <value>The default is 0.</value>
    public decimal Cost { get; init; }
}
