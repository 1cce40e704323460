namespace AgentHosting.Load.Crashes.Faults;

/// <summary>What is done while the load runs.</summary>
internal interface IFaultPlan
{
    /// <summary>How long it takes, about.</summary>
    TimeSpan Time { get; }

    /// <summary>Faults that a worker may lose its leases by.</summary>
    IReadOnlyList<Fault> Faults { get; }

    /// <summary>How often each kind of fault was done.</summary>
    IReadOnlyDictionary<string, int> Counts { get; }

    Task RunAsync(CancellationToken cancellationToken);
}
