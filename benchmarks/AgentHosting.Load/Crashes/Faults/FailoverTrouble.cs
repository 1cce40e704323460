using System.Diagnostics;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Makes the replica lag, kills the primary, promotes the replica, and brings the old primary back as its replica. Nobody touches the workers.</summary>
/// <param name="servers">The two servers; the first is the primary at the start.</param>
/// <param name="links">The way to each server that the other replicates over.</param>
/// <param name="store">That of a host whose connection was there before, asked until it answers again.</param>
/// <param name="faults">How many failovers.</param>
/// <param name="interval">From one to the next.</param>
/// <param name="random">The dice.</param>
internal sealed class FailoverTrouble(IReadOnlyList<RedisProcess> servers, IReadOnlyList<RedisProxy> links, IRunStore store, int faults, TimeSpan interval, Random random) : IFaultPlan
{
    private static readonly TimeSpan SyncLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(50);
    private readonly List<Fault> _faults = [];
    private int _primary;

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>How long after each promotion the store answered.</summary>
    public List<TimeSpan> Away { get; } = [];

    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int> { [Fault.Failover] = _faults.Count };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < faults; i++)
        {
            var before = interval * random.NextDouble();
            await Task.Delay(before, TimeProvider.System, cancellationToken);
            await FailOverAsync(cancellationToken);
            await Task.Delay(interval - before, TimeProvider.System, cancellationToken);
        }
    }

    private async Task FailOverAsync(CancellationToken cancellationToken)
    {
        var (old, next) = (_primary, 1 - _primary);
        var lag = TimeProvider.System.GetUtcNow();
        links[old].Weather = ProxyWeather.Silent;
        await Task.Delay(TimeSpan.FromMilliseconds(200 + random.Next(1300)), TimeProvider.System, cancellationToken);
        await servers[old].KillAsync(cancellationToken);
        var killed = TimeProvider.System.GetUtcNow();
        // What is on its way to the replica is gone as well.
        links[old].Cut();
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1000)), TimeProvider.System, cancellationToken);
        await CommandAsync(servers[next], "REPLICAOF", "NO", "ONE");
        var promoted = TimeProvider.System.GetUtcNow();
        _faults.Add(new Fault(Fault.Failover, 0, lag) { Lost = killed, Until = promoted });
        _primary = next;
        var answered = AnsweredAsync(cancellationToken);
        links[old].Weather = ProxyWeather.Fair;
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2000)), TimeProvider.System, cancellationToken);
        // Never as a primary: for a moment there would be two.
        await servers[old].StartWithAsync($"--replicaof {links[next].Endpoint.Replace(':', ' ')}", cancellationToken);
        await SyncedAsync(servers[old], cancellationToken);
        Away.Add(await answered);
    }

    private async Task<TimeSpan> AnsweredAsync(CancellationToken cancellationToken)
    {
        var promoted = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await store.GetStatisticsAsync(cancellationToken);
                return promoted.Elapsed;
            }
            catch (RunStoreUnavailableException) when (promoted.Elapsed < SyncLimit)
            {
                await Task.Delay(BetweenQuestions, TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Waits until a replica has what its primary has.</summary>
    public static async Task SyncedAsync(RedisProcess replica, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(replica);
        var limit = TimeProvider.System.GetUtcNow() + SyncLimit;
        while (!((string?)await connection.GetDatabase().ExecuteAsync("INFO", "replication"))!.Contains("master_link_status:up", StringComparison.Ordinal))
        {
            if (TimeProvider.System.GetUtcNow() > limit)
            {
                throw new InvalidOperationException($"The replica {replica.Endpoint} did not get in step with its primary.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task CommandAsync(RedisProcess server, string command, params object[] arguments)
    {
        await using var connection = await ConnectAsync(server);
        await connection.GetDatabase().ExecuteAsync(command, arguments);
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(RedisProcess server) => ConnectionMultiplexer.ConnectAsync($"{server.Endpoint},allowAdmin=true,abortConnect=true");
}
