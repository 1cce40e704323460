namespace AgentHosting.Compliance;

/// <summary>What callers were told about one run.</summary>
internal sealed class RunTally
{
#pragma warning disable CA1051 // Fields, so that they can be counted up atomically.
    public int Claims;
    public int Steps;
    public int Failed;
    public int Drained;
    public int Completed;
    public int Ends;
    public int Abandoned;
#pragma warning restore CA1051

    public volatile string? CompletedBy;
}
