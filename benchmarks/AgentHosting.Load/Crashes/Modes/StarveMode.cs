using System.Diagnostics;
using AgentHosting.Agents;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Load.Options;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>Workers live, and have no thread of the pool or no processor for a while. They keep their leases.</summary>
internal sealed class StarveMode : CrashMode
{
    private CrashSetup? _setup;
    private LeaseWatch? _watch;

    public static IReadOnlyList<LoadOption> Options { get; } =
    [
        new("block-items", "500", "starve: items that block the thread pool of a worker"),
        new("block-ms", "15000", "starve: milliseconds that each of them takes, and that the processor is taken"),
    ];

    public override string Name => "starve";

    public override string Summary => "the thread pool of workers is blocked, or the processor taken from them";

    public override int LeaseMilliseconds => 30_000;

    public override async Task StartAsync(CrashSetup setup, CancellationToken cancellationToken)
    {
        _setup = setup;
        await base.StartAsync(setup, cancellationToken);
    }

    public override void PrepareWorker(int place, ProcessStartInfo start) => Starvation.Prepare(start.Environment, _setup!.Options.Number("block-items"), Time(_setup));

    public override void ConfigureHost(IAgentHostingBuilder builder, bool isWorker)
    {
        if (isWorker)
        {
            Starvation.Listen();
        }
    }

    // A tool whose worker has no thread for longer than its time limit fails, as it should. What is tested is the lease.
    public override void ConfigureAgent(AgentBuilder agent) => agent.Configure(static options => options.ToolTimeout = TimeSpan.FromMinutes(5));

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet)
    {
        _watch = new LeaseWatch(Redis.Endpoint);
        return new WorkerStarvation(fleet, setup.Faults, setup.Interval, Time(setup));
    }

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        _watch!.Report(report, setup.Timing.Lease);
        LeaseChecks.Check(evidence, report);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_watch is not null)
        {
            await _watch.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private static TimeSpan Time(CrashSetup setup) => TimeSpan.FromMilliseconds(setup.Options.Number("block-ms"));
}
