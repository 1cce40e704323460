using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>Workers reach Redis over a bad network; the driver has its own way.</summary>
internal sealed class ProxyMode : CrashMode
{
    private static readonly TimeSpan BeyondLease = TimeSpan.FromSeconds(5);
    private readonly List<RedisProxy> _proxies = [];
    private WorkerFleet? _fleet;

    public override string Name => "proxy";

    public override string Summary => "the network between workers and Redis cuts, delays, slows down, loses replies, goes silent";

    public override bool AllWithKeys => true;

    /// <summary>Longer than the time after which a worker that is cut off must have stopped it.</summary>
    public override int LongLookupMilliseconds => 2 * LeaseMilliseconds;

    public override string RedisOfWorker(int place) => _proxies[place].Endpoint;

    public override async Task StartAsync(CrashSetup setup, CancellationToken cancellationToken)
    {
        await base.StartAsync(setup, cancellationToken);
        _proxies.AddRange(Enumerable.Range(0, setup.Options.Number("workers")).Select(_ => new RedisProxy(Redis.Port, new Random(setup.Random.Next()))));
    }

    public override void ConfigureHost(IAgentHostingBuilder builder, bool isWorker)
    {
        if (isWorker)
        {
            builder.Services.AddHealthChecks();
            builder.Services.AddHostedService<HealthRecorder>();
        }
    }

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet)
    {
        _fleet = fleet;
        return new ProxyTrouble(fleet, _proxies, setup.Faults, setup.Interval, setup.Timing.Lease, setup.Random);
    }

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        RecoveryChecks.Check(evidence, report, setup.Timing.Lease + BeyondLease);
        CutOffChecks.Check(evidence, report, setup.Timing.Lease, setup.Folder, [.. Enumerable.Range(0, _fleet!.Count).Select(place => _fleet[place].Id)]);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
