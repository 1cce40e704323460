using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;
using StackExchange.Redis;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Sets the clock of Redis to minutes ahead and behind in turns, and kills a worker after two of four times.</summary>
/// <param name="redis">The server.</param>
/// <param name="file">Where its clock is read from, as <see cref="FakeTime"/> writes it.</param>
/// <param name="fleet">The workers.</param>
/// <param name="faults">How often the clock is set.</param>
/// <param name="interval">From one time to the next.</param>
/// <param name="random">The dice.</param>
internal sealed class ClockTrouble(RedisProcess redis, string file, WorkerFleet fleet, int faults, TimeSpan interval, Random random) : IFaultPlan
{
    // Ended runs are kept for an hour of that clock.
    private const int MostSeconds = 600;
    private const int LeastSeconds = 120;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly List<Fault> _faults = [];
    private int _forward;
    private int _back;

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => _faults;

    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int> { ["clock_forward"] = _forward, ["clock_back"] = _back, [Fault.Kill] = _faults.Count };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var offset = TimeSpan.Zero;
        for (var i = 0; i < faults; i++)
        {
            var before = interval * random.NextDouble();
            await Task.Delay(before, TimeProvider.System, cancellationToken);
            var next = TimeSpan.FromSeconds(random.Next(LeastSeconds, MostSeconds) * (offset > TimeSpan.Zero ? -1 : 1));
            await SetAsync(next, cancellationToken);
            (_forward, _back) = next > offset ? (_forward + 1, _back) : (_forward, _back + 1);
            offset = next;
            if (i % 4 > 1)
            {
                // Once after it went forward, once after it went back.
                await KillAsync(random.Next(fleet.Count), cancellationToken);
            }

            await Task.Delay(interval - before, TimeProvider.System, cancellationToken);
        }
    }

    private async Task KillAsync(int place, CancellationToken cancellationToken)
    {
        _faults.Add(new Fault(Fault.Kill, fleet[place].Id, TimeProvider.System.GetUtcNow()));
        await fleet.KillAsync(place);
        await fleet.StartAsync(place, cancellationToken);
    }

    private async Task SetAsync(TimeSpan offset, CancellationToken cancellationToken)
    {
        FakeTime.Write(file, offset);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Endpoint},abortConnect=true");
        var server = connection.GetServers()[0];
        var limit = TimeProvider.System.GetUtcNow() + Limit;
        while ((await server.TimeAsync() - TimeProvider.System.GetUtcNow().UtcDateTime - offset).Duration() > TimeSpan.FromSeconds(2))
        {
            if (TimeProvider.System.GetUtcNow() > limit)
            {
                throw new InvalidOperationException($"The clock of Redis is not off by {offset}. Does libfaketime work here?");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
