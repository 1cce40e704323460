using AgentHosting.Load.Crashes.Processes;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Sets the clock of Redis forward and back while it runs, and over a restart.</summary>
internal sealed class ClockJumps(RedisProcess redis, string file, TimeSpan offset, int faults, TimeSpan interval, Random random) : IFaultPlan
{
    private static readonly (string Kind, TimeSpan By)[] Kinds =
    [
        ("forward_10_min", TimeSpan.FromMinutes(10)),
        ("back_30_s", TimeSpan.FromSeconds(-30)),
        ("restart_forward_1_h", TimeSpan.FromHours(1)),
        ("restart_back_30_s", TimeSpan.FromSeconds(-30)),
    ];

    private readonly Dictionary<string, int> _counts = [];
    private TimeSpan _offset = offset;

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => [];

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < faults; i++)
        {
            var before = interval * random.NextDouble();
            await Task.Delay(before, TimeProvider.System, cancellationToken);
            var (kind, by) = Kinds[i % Kinds.Length];
            _offset += by;
            var isRestart = kind.StartsWith("restart", StringComparison.Ordinal);
            if (isRestart)
            {
                await redis.KillAsync(cancellationToken);
            }

            await WriteAsync(file, _offset, cancellationToken);
            if (isRestart)
            {
                await redis.StartAsync(cancellationToken);
            }

            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            await Task.Delay(interval - before, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>In one step: the server reads it at any time.</summary>
    public static async Task WriteAsync(string file, TimeSpan offset, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(file + ".new", FakeTime.Text(offset) + "\n", cancellationToken);
        File.Move(file + ".new", file, overwrite: true);
    }
}
