using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Faults;

/// <summary>Cuts, delays, slows down and silences the way to Redis, for one worker or for all of them. Nobody touches workers or Redis.</summary>
internal sealed class ProxyTrouble(WorkerFleet fleet, IReadOnlyList<RedisProxy> proxies, int faults, TimeSpan interval, TimeSpan lease, Random random) : IFaultPlan
{
    private const double SilentLeases = 1.6;
    private static readonly TimeSpan BadTime = TimeSpan.FromSeconds(4);

    private static readonly (string Kind, bool ForAll)[] Kinds =
    [
        ("cut", true), ("silent", false), ("replies_lost", false), ("silent", true), ("delay", true), ("silent", false), ("slow", false), ("cut", false), ("replies_lost", true), ("silent", false), ("delay", false), ("slow", true),
    ];

    private readonly Dictionary<string, int> _counts = [];
    private readonly List<Fault> _faults = [];

    public TimeSpan Time => interval * faults;

    public IReadOnlyList<Fault> Faults => _faults;

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < faults; i++)
        {
            var before = interval * random.NextDouble();
            await Task.Delay(before, TimeProvider.System, cancellationToken);
            var (kind, forAll) = Kinds[i % Kinds.Length];
            var place = random.Next(proxies.Count);
            await DoAsync(kind, forAll ? proxies : [proxies[place]], forAll ? null : place, cancellationToken);
            var name = kind + (forAll ? "_all" : "_one");
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
            await Task.Delay(interval - before, TimeProvider.System, cancellationToken);
        }
    }

    private async Task DoAsync(string kind, IReadOnlyList<RedisProxy> through, int? alone, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case "cut":
                for (var i = 0; i < 10; i++)
                {
                    Each(through, static proxy => proxy.Cut());
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), TimeProvider.System, cancellationToken);
                }

                break;
            case "delay":
                await WeatherAsync(through, ProxyWeather.Delayed, BadTime, cancellationToken);
                break;
            case "slow":
                await WeatherAsync(through, ProxyWeather.Slow, BadTime, cancellationToken);
                break;
            case "replies_lost":
                await WeatherAsync(through, ProxyWeather.RepliesLost, TimeSpan.FromMilliseconds(500 + random.Next(1500)), cancellationToken);
                Each(through, static proxy => proxy.Cut());
                break;
            default:
                await SilenceAsync(through, alone, cancellationToken);
                break;
        }
    }

    private async Task SilenceAsync(IReadOnlyList<RedisProxy> through, int? alone, CancellationToken cancellationToken)
    {
        var at = TimeProvider.System.GetUtcNow();
        // The other side comes back, or is gone for good, so that only new connections are heard.
        var isGone = random.Next(2) == 0;
        await WeatherAsync(through, ProxyWeather.Silent, lease * SilentLeases, cancellationToken, () => Each(through, proxy =>
        {
            if (isGone)
            {
                proxy.Forget();
            }
        }));
        if (alone is { } place)
        {
            _faults.Add(new Fault(Fault.CutOff, fleet[place].Id, at) { Until = TimeProvider.System.GetUtcNow() });
        }
    }

    private static async Task WeatherAsync(IReadOnlyList<RedisProxy> through, ProxyWeather weather, TimeSpan time, CancellationToken cancellationToken, Action? atEnd = null)
    {
        Each(through, proxy => proxy.Weather = weather);
        await Task.Delay(time, TimeProvider.System, cancellationToken);
        atEnd?.Invoke();
        Each(through, static proxy => proxy.Weather = ProxyWeather.Fair);
    }

    private static void Each(IReadOnlyList<RedisProxy> proxies, Action<RedisProxy> act)
    {
        foreach (var proxy in proxies)
        {
            act(proxy);
        }
    }
}
