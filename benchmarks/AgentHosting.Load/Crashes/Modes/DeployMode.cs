using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>Workers are replaced one by one, in order.</summary>
internal sealed class DeployMode : CrashMode
{
    public override string Name => "deploy";

    public override string Summary => "workers are asked to end and replaced one by one";

    // None should end in this mode, however busy the machine is.
    public override int LeaseMilliseconds => 30_000;

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => new RollingDeploy(fleet, setup.Faults, setup.Interval, setup.Timing.Drain);

    public override long? MostRepeated(CrashSetup setup, IFaultPlan faults) => 0;

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report) => AttemptChecks.Check(evidence, report);
}
