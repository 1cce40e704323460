using AgentHosting.Load.Crashes.Processes;
using StackExchange.Redis;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Kills Redis and starts it on its file again, makes it forget scripts and clients, and stops it for a while and for longer than leases. Nobody touches the workers.</summary>
internal sealed class RedisTrouble(RedisProcess redis, int faults, TimeSpan interval, TimeSpan lease, Random random) : IFaultPlan
{
    private static readonly string[] Kinds = ["redis_kill", "script_flush", "client_kill", "redis_stop_5s", "redis_kill", "client_kill", "redis_stop_2_leases", "script_flush"];
    private readonly Dictionary<string, int> _counts = [];

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => [];

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < faults; i++)
        {
            var before = interval * random.NextDouble();
            await Task.Delay(before, TimeProvider.System, cancellationToken);
            var kind = Kinds[i % Kinds.Length];
            await DoAsync(kind, cancellationToken);
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            await Task.Delay(interval - before, TimeProvider.System, cancellationToken);
        }
    }

    private async Task DoAsync(string kind, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case "redis_kill":
                await redis.KillAsync(cancellationToken);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2000)), TimeProvider.System, cancellationToken);
                await redis.StartAsync(cancellationToken);
                break;
            case "redis_stop_5s":
                await ShellCommand.PauseAsync(redis.Id, TimeSpan.FromSeconds(5), cancellationToken);
                break;
            case "redis_stop_2_leases":
                await ShellCommand.PauseAsync(redis.Id, lease * 2, cancellationToken);
                break;
            case "script_flush":
                await CommandAsync("SCRIPT", "FLUSH");
                break;
            default:
                for (var i = 0; i < 20; i++)
                {
                    await CommandAsync("CLIENT", "KILL", "TYPE", i % 4 == 3 ? "pubsub" : "normal");
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
                }

                break;
        }
    }

    private async Task CommandAsync(string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Endpoint},allowAdmin=true,abortConnect=true");
        await connection.GetDatabase().ExecuteAsync(command, arguments);
    }
}
