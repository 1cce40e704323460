using System.Globalization;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Blocks the thread pool of one worker after the other, and in turns takes the processor from it: all its threads on one core, with eight more that never wait.</summary>
internal sealed class WorkerStarvation(WorkerFleet fleet, int faults, TimeSpan interval, TimeSpan time) : IFaultPlan
{
    private readonly Dictionary<string, int> _counts = [];

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => [];

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var under = new List<Task>();
        for (var i = 0; i < faults; i++)
        {
            await Task.Delay(interval / 2, TimeProvider.System, cancellationToken);
            var worker = fleet[i % fleet.Count].Id;
            if (i % 2 == 0)
            {
                await SignalAsync(worker, Starvation.BlockPool, cancellationToken);
            }
            else
            {
                under.Add(BurnAsync(worker, cancellationToken));
            }

            var kind = i % 2 == 0 ? "pool" : "processor";
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            await Task.Delay(interval / 2, TimeProvider.System, cancellationToken);
        }

        await Task.WhenAll(under);
    }

    private async Task BurnAsync(int worker, CancellationToken cancellationToken)
    {
        await ShellCommand.RunAsync(string.Create(CultureInfo.InvariantCulture, $"taskset -acp 0 {worker} >/dev/null"), cancellationToken);
        await SignalAsync(worker, Starvation.BurnProcessor, cancellationToken);
        await Task.Delay(time, TimeProvider.System, cancellationToken);
        var cores = Environment.ProcessorCount - 1;
        await ShellCommand.RunAsync(string.Create(CultureInfo.InvariantCulture, $"taskset -acp 0-{cores} {worker} >/dev/null"), cancellationToken);
    }

    private static Task SignalAsync(int worker, int signal, CancellationToken cancellationToken) =>
        ShellCommand.RunAsync(string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {worker}"), cancellationToken);
}
