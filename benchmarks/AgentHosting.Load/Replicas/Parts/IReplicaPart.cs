using AgentHosting.Load.Crashes.Checks;

namespace AgentHosting.Load.Replicas.Parts;

/// <summary>One thing that replicas share.</summary>
internal interface IReplicaPart
{
    string Name { get; }

    Task RunAsync(ReplicaBench bench, CrashReport report, CancellationToken cancellationToken);
}
