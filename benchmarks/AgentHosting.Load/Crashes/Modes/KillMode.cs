using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>Workers die, or are stopped for longer than their leases.</summary>
internal sealed class KillMode : CrashMode
{
    private static readonly TimeSpan BeyondLease = TimeSpan.FromSeconds(5);

    public override string Name => "kill";

    public override string Summary => "workers are killed and started again, or stopped for a while";

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => new KillStorm(fleet, setup.Faults, setup.Interval, setup.Timing.Lease, setup.Random);

    public override long? MostRepeated(CrashSetup setup, IFaultPlan faults) => (long)faults.Faults.Count * setup.Timing.Slots;

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report) =>
        RecoveryChecks.Check(evidence, report, setup.Timing.Lease + BeyondLease);
}
