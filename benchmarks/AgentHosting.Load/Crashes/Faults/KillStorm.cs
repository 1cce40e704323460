using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Kills workers, and stops them for longer than their leases, at random; each that was killed is started again at once. Half of them are always left alone.</summary>
internal sealed class KillStorm(WorkerFleet fleet, int faults, TimeSpan interval, TimeSpan lease, Random random) : IFaultPlan
{
    private const double KillShare = 0.6;
    private readonly List<Fault> _faults = [];
    private readonly HashSet<int> _down = [];
    private readonly Lock _lock = new();

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => _faults;

    public IReadOnlyDictionary<string, int> Counts => _faults.GroupBy(static fault => fault.Kind).ToDictionary(static kind => kind.Key, static kind => kind.Count());

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var under = new List<Task>();
        for (var i = 0; i < faults; i++)
        {
            var before = interval * random.NextDouble();
            await Task.Delay(before, TimeProvider.System, cancellationToken);
            var place = await FindAsync(cancellationToken);
            under.Add(random.NextDouble() < KillShare ? KillAsync(place, cancellationToken) : StopAsync(place, lease * (1.2 + random.NextDouble()), cancellationToken));
            await Task.Delay(interval - before, TimeProvider.System, cancellationToken);
        }

        await Task.WhenAll(under);
    }

    private async Task<int> FindAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_down.Count < (fleet.Count + 1) / 2)
                {
                    var up = Enumerable.Range(0, fleet.Count).Where(place => !_down.Contains(place)).ToArray();
                    var place = up[random.Next(up.Length)];
                    _down.Add(place);
                    return place;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private async Task KillAsync(int place, CancellationToken cancellationToken)
    {
        Note(Fault.Kill, place);
        await fleet.KillAsync(place);
        await fleet.StartAsync(place, cancellationToken);
        IsUp(place);
    }

    private async Task StopAsync(int place, TimeSpan time, CancellationToken cancellationToken)
    {
        Note(Fault.Stop, place);
        await ShellCommand.PauseAsync(fleet[place].Id, time, cancellationToken);
        IsUp(place);
    }

    private void Note(string kind, int place)
    {
        lock (_lock)
        {
            _faults.Add(new Fault(kind, fleet[place].Id, TimeProvider.System.GetUtcNow()));
        }
    }

    private void IsUp(int place)
    {
        lock (_lock)
        {
            _down.Remove(place);
        }
    }
}
