using System.Globalization;
using AgentHosting.Load.Crashes.Checks;

namespace AgentHosting.Load.Replicas.Parts;

/// <summary>Both take from one rate limit as fast as they can, one is killed on the way: in no stretch of a window's length is more admitted than the limit says.</summary>
internal sealed class RateLimitPart : IReplicaPart
{
    private const int Limit = 60;
    private const int Milliseconds = 6_000;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    public string Name => "rate-limit";

    public async Task RunAsync(ReplicaBench bench, CrashReport report, CancellationToken cancellationToken)
    {
        await bench.StartAllAsync(cancellationToken);
        report.Promise("windows_over_the_limit", "too_few_admitted");
        var what = string.Create(
            CultureInfo.InvariantCulture, $"/take?callers={bench.Options.Number("callers")}&limit={Limit}&window-ms={(int)Window.TotalMilliseconds}&milliseconds={Milliseconds}");
        var taking = Enumerable.Range(0, bench.Count).Select(place => bench[place].TellAsync(what, cancellationToken)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(1000 + bench.Random.Next(2000)), TimeProvider.System, cancellationToken);
        await bench.ReplaceAsync(1, cancellationToken);
        taking.Add(bench[1].TellAsync(what, cancellationToken));
        var refused = (await Task.WhenAll(taking)).OfType<string>().Sum(static count => int.Parse(count.Split(' ')[1], CultureInfo.InvariantCulture));

        var admitted = File.ReadLines(bench.AdmittedPath).Select(static line => line.Split(' ')).Select(static parts => (
            Before: long.Parse(parts[0], CultureInfo.InvariantCulture), After: long.Parse(parts[1], CultureInfo.InvariantCulture))).OrderBy(static permit => permit.Before).ToArray();
        var most = 0;
        foreach (var first in admitted)
        {
            // Those that lie wholly in the stretch, whenever within its call each was taken.
            var inWindow = admitted.Count(permit => permit.Before >= first.Before && permit.After < first.Before + Window.Ticks);
            most = Math.Max(most, inWindow);
            if (inWindow > Limit)
            {
                report.Break("windows_over_the_limit", $"{inWindow} from {first.Before} on");
            }
        }

        // Without the time in which nobody takes, as the one has done and the other has yet to start.
        var seconds = admitted.Zip(admitted.Skip(1), static (permit, next) => Math.Min(next.Before - permit.Before, Window.Ticks)).Sum() / (double)TimeSpan.TicksPerSecond;
        report.Figures["limit"] = Limit;
        report.Figures["window_seconds"] = Window.TotalSeconds;
        report.Figures["admitted"] = admitted.Length;
        report.Figures["refused"] = refused;
        report.Figures["most_in_a_window"] = most;
        if (admitted.Length < Limit * (seconds / Window.TotalSeconds) * 0.7)
        {
            report.Break("too_few_admitted", $"{admitted.Length} in {seconds} s");
        }
    }
}
