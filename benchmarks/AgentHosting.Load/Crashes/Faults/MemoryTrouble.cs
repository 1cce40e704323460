using System.Globalization;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Gives Redis less memory than it uses for some seconds, at least until a run has ended in it, and then as much as it likes.</summary>
internal sealed class MemoryTrouble(RedisProcess redis, IRunStore store, int faults, TimeSpan interval, Random random) : IFaultPlan
{
    private const double Share = 0.5;
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly List<Fault> _faults = [];

    public TimeSpan Time => interval * (faults + Share);

    public IReadOnlyList<Fault> Faults => _faults;

    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int> { [Fault.Full] = _faults.Count };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Endpoint},allowAdmin=true,abortConnect=true");
        var database = connection.GetDatabase();
        // Some runs are to be under way.
        await Task.Delay(interval * Share, TimeProvider.System, cancellationToken);
        for (var i = 0; i < faults; i++)
        {
            var before = interval * Share * random.NextDouble();
            await Task.Delay(before, TimeProvider.System, cancellationToken);
            try
            {
                await FillAsync(database, cancellationToken);
            }
            finally
            {
                await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
            }

            await Task.Delay((interval * (1 - Share)) - before, TimeProvider.System, cancellationToken);
        }
    }

    private async Task FillAsync(IDatabase database, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "100kb");
        var at = TimeProvider.System.GetUtcNow();
        var ended = (await StatisticsAsync(cancellationToken)).Retained;
        await Task.Delay(interval * Share, TimeProvider.System, cancellationToken);
        while (await NoneEndedAsync(ended, cancellationToken) && TimeProvider.System.GetUtcNow() < at + LongestRun)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        _faults.Add(new Fault(Fault.Full, 0, at) { Until = TimeProvider.System.GetUtcNow() });
    }

    /// <summary>Whether none of the runs that are under way has ended since so many had.</summary>
    private async Task<bool> NoneEndedAsync(long ended, CancellationToken cancellationToken)
    {
        var now = await StatisticsAsync(cancellationToken);
        return now.Retained == ended && now.Ready + now.Blocked + now.Running > 0;
    }

    private async Task<RunStoreStatistics> StatisticsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await store.GetStatisticsAsync(cancellationToken);
            }
            catch (RunStoreUnavailableException)
            {
                // The machine is busy.
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>A figure of <c>INFO</c>.</summary>
    public static async Task<long> FigureAsync(IDatabase database, string section, string name)
    {
        var lines = ((string?)await database.ExecuteAsync("INFO", section))!.Split('\n', StringSplitOptions.TrimEntries);
        return long.Parse(lines.First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
