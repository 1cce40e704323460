using AgentHosting.Load.Crashes.Processes;
using StackExchange.Redis;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Keeps the memory of a Redis that may drop keys with a time to live full of such keys, all the time, so that it drops some at every write.</summary>
internal sealed class EvictionTrouble(RedisProcess redis, int faults, TimeSpan interval) : IFaultPlan
{
    private const int Batch = 200;
    private const long Room = 4 * 1024 * 1024;
    private static readonly RedisValue Filler = new string('x', 2000);
    private int _added;

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => [];

    /// <summary>How many keys Redis dropped.</summary>
    public long Evicted { get; private set; }

    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int> { ["keys_added"] = _added, ["keys_evicted"] = (int)Evicted };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Endpoint},allowAdmin=true,abortConnect=true");
        var database = connection.GetDatabase();
        var started = TimeProvider.System.GetTimestamp();
        var most = 0L;
        while (TimeProvider.System.GetElapsedTime(started) < Time)
        {
            await Task.WhenAll(Enumerable.Range(0, Batch).Select(i => database.StringSetAsync($"filler:{_added + i}", Filler, TimeSpan.FromHours(1))));
            _added += Batch;
            // What is kept grows with the runs. There is room for them, and a few megabytes for what may be dropped.
            var kept = await MemoryTrouble.FigureAsync(database, "memory", "used_memory") - (await FillersAsync(database) * 2300);
            if (kept + Room > most + (Room / 4))
            {
                most = kept + Room;
                await database.ExecuteAsync("CONFIG", "SET", "maxmemory", most);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }

        Evicted = await MemoryTrouble.FigureAsync(database, "stats", "evicted_keys");
    }

    private static async Task<long> FillersAsync(IDatabase database)
    {
        var line = ((string?)await database.ExecuteAsync("INFO", "keyspace"))!.Split('\n').FirstOrDefault(static line => line.StartsWith("db0:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split("expires=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
