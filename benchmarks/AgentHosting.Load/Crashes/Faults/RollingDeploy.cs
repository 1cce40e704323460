using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Asks one worker after the other to end, and puts another in its place.</summary>
internal sealed class RollingDeploy(WorkerFleet fleet, int faults, TimeSpan interval, TimeSpan drain) : IFaultPlan
{
    private int _done;

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => [];

    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int> { ["terminate"] = _done };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < faults; i++)
        {
            await Task.Delay(interval / 2, TimeProvider.System, cancellationToken);
            var place = i % fleet.Count;
            await fleet.TerminateAsync(place, drain + TimeSpan.FromSeconds(15), cancellationToken);
            await fleet.StartAsync(place, cancellationToken);
            _done++;
            await Task.Delay(interval / 2, TimeProvider.System, cancellationToken);
        }
    }
}
