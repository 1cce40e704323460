using System.Diagnostics;
using System.Globalization;
using AgentHosting.Load.Crashes.Processes;

namespace AgentHosting.Load.Crashes.Workers;

/// <summary>The worker processes.</summary>
/// <param name="count">How many.</param>
/// <param name="folder">Where their logs go.</param>
/// <param name="arguments">The options of the worker at a place.</param>
/// <param name="prepare">Changes how the worker at a place is started.</param>
internal sealed class WorkerFleet(int count, string folder, Func<int, IEnumerable<string>> arguments, Action<int, ProcessStartInfo> prepare) : IAsyncDisposable
{
    private readonly ChildProcess?[] _workers = new ChildProcess?[count];

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
        _workers[place] = await ChildProcess.StartAsync(log, ["crash-worker", .. arguments(place)], cancellationToken, start => prepare(place, start));
        Started++;
    }

    /// <summary>Puts another in the place of one that has ended by itself.</summary>
    public async Task ReplaceAsync(int place, CancellationToken cancellationToken)
    {
        await RemoveAsync(place);
        await StartAsync(place, cancellationToken);
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
