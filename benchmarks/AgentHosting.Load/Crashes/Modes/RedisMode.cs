using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>Redis dies and comes back on its file, forgets scripts and clients, or answers nobody for a while.</summary>
internal sealed class RedisMode : CrashMode
{
    public override string Name => "redis";

    public override string Summary => "Redis is killed and started again, stopped, made to forget scripts and clients";

    public override bool AllWithKeys => true;

    // With everysec an answer may come before the write while a slow disk is being synced.
    protected override RedisStart Start => new() { Arguments = "--appendfsync always" };

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => new RedisTrouble(Redis, setup.Faults, setup.Interval, setup.Timing.Lease, setup.Random);
}
