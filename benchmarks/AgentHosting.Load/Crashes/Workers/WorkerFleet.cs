using System.Globalization;
using AgentHosting.Load.Crashes.Processes;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>The worker processes.</summary>
internal sealed class WorkerFleet(int count, string folder, IEnumerable<string> arguments) : IAsyncDisposable
{
    private readonly ChildProcess?[] _workers = new ChildProcess?[count];
    private readonly string[] _arguments = [.. arguments];

    public int Count => count;

    /// <summary>How many processes there have been.</summary>
    public int Started { get; private set; }

    /// <summary>Workers that ended by themselves.</summary>
    public int Died => _workers.Count(static worker => worker is { HasExited: true });

    public ChildProcess this[int place] => _workers[place] ?? throw new InvalidOperationException("There is no worker at this place.");

    public Task StartAllAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, count).Select(place => StartAsync(place, cancellationToken)));

    public async Task KillAsync(int place)
    {
        var worker = this[place];
        await worker.KillAsync();
        await RemoveAsync(place);
    }

    public async Task TerminateAsync(int place, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await this[place].TerminateAsync(timeout, cancellationToken);
        await RemoveAsync(place);
    }

    public async Task StartAsync(int place, CancellationToken cancellationToken)
    {
        var log = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"worker-{place}.log"));
        _workers[place] = await ChildProcess.StartAsync(log, ["crash-worker", .. _arguments], cancellationToken);
        Started++;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            if (worker is not null)
            {
                await worker.DisposeAsync();
            }
        }
    }

    private async Task RemoveAsync(int place)
    {
        await this[place].DisposeAsync();
        _workers[place] = null;
    }
}
