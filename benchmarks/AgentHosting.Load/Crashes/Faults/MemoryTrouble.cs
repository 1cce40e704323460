using System.Globalization;
using AgentHosting.Load.Crashes.Processes;
using StackExchange.Redis;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Gives Redis less memory than it uses for some seconds, and then as much as it likes.</summary>
internal sealed class MemoryTrouble(RedisProcess redis, int faults, TimeSpan interval, Random random) : IFaultPlan
{
    private const double Share = 0.5;
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
            await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "100kb");
            var at = TimeProvider.System.GetUtcNow();
            await Task.Delay(interval * Share, TimeProvider.System, cancellationToken);
            _faults.Add(new Fault(Fault.Full, 0, at) { Until = TimeProvider.System.GetUtcNow() });
            await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
            await Task.Delay((interval * (1 - Share)) - before, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A figure of <c>INFO</c>.</summary>
    public static async Task<long> FigureAsync(IDatabase database, string section, string name)
    {
        var lines = ((string?)await database.ExecuteAsync("INFO", section))!.Split('\n', StringSplitOptions.TrimEntries);
        return long.Parse(lines.First(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
