using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>The memory of Redis is full: it refuses what needs more, or drops keys that have a time to live.</summary>
internal sealed class MemoryMode(bool drops) : CrashMode
{
    public override string Name => drops ? "memory-volatile" : "memory";

    public override string Summary => drops ? "the memory of a Redis with volatile-lru is full all the time" : "the memory of Redis is full now and then, with noeviction";

    public override bool AllWithKeys => true;

    protected override RedisStart Start => new() { Arguments = drops ? "--maxmemory-policy volatile-lru" : "--maxmemory-policy noeviction" };

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => drops
        ? new EvictionTrouble(Redis, setup.Faults, setup.Interval)
        : new MemoryTrouble(Redis, Driver.GetRequiredService<IRunStore>(), setup.Faults, setup.Interval, setup.Random);

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        if (faults is EvictionTrouble { Evicted: var evicted })
        {
            report.Promise("nothing_evicted");
            if (evicted == 0)
            {
                report.Break("nothing_evicted", "Redis had room for everything, so that nothing was tried");
            }
        }
        else
        {
            FullMemoryChecks.Check(evidence, report);
        }
    }
}
