namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>Those who wait for events of one run.</summary>
internal sealed class RunWatchers
{
    public Signal Signal { get; } = new();

    /// <summary>How many hold this object; the last one to leave takes it out of the store.</summary>
    public int Count { get; set; }
}
