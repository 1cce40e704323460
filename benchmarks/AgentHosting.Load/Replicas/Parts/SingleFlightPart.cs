using System.Diagnostics;
using System.Globalization;
using AgentHosting.Load.Crashes.Checks;

namespace AgentHosting.Load.Replicas.Parts;

/// <summary>Both ask the same at once: one call of the provider. When the one that asks for both is killed, the other asks.</summary>
internal sealed class SingleFlightPart : IReplicaPart
{
    private const string Through = "cache";
    private static readonly TimeSpan Call = TimeSpan.FromSeconds(3);
    // A machine that is busy.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(4);

    public string Name => "single-flight";

    public async Task RunAsync(ReplicaBench bench, CrashReport report, CancellationToken cancellationToken)
    {
        await bench.StartAllAsync(cancellationToken);
        report.Promise("asked_more_than_once", "other_answers", "not_answered_after_a_kill", "asked_too_often_after_a_kill");
        var calls = 0;
        for (var round = 0; round < bench.Options.Number("rounds"); round++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"round {round}");
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(bench.Random.Next(40)), TimeProvider.System, cancellationToken);
                return await bench[i % 2].AskAsync(Through, ReplicaQuestions.Slow, name, cancellationToken);
            }));
            var asked = bench.CallsOf(ReplicaQuestions.Slow, name);
            calls += asked;
            if (asked != 1)
            {
                report.Break("asked_more_than_once", $"{name}: {asked} times");
            }

            if (answers.Distinct().Count() != 1)
            {
                report.Break("other_answers", $"{name}: {string.Join(", ", answers.Distinct())}");
            }
        }

        report.Figures["questions"] = bench.Options.Number("rounds");
        report.Figures["asked"] = bench.Options.Number("rounds") * 8;
        report.Figures["calls"] = calls;

        var lost = bench[0].AskAsync(Through, ReplicaQuestions.VerySlow, "lost", cancellationToken);
        while (bench.CallsOf(ReplicaQuestions.VerySlow, "lost") == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        var watch = Stopwatch.StartNew();
        var waiting = Enumerable.Range(0, 4).Select(_ => bench[1].AskAsync(Through, ReplicaQuestions.VerySlow, "lost", cancellationToken)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        var replacing = bench.ReplaceAsync(0, cancellationToken);
        var got = await Task.WhenAll(waiting);
        var took = watch.Elapsed;
        report.Figures["seconds_after_the_kill"] = Math.Round(took.TotalSeconds, 2);
        if (got.Distinct().Count() != 1 || got[0] is null || took > ReplicaSettings.Cache.LockLease + Call + Slack)
        {
            report.Break("not_answered_after_a_kill", $"{string.Join(", ", got)} after {took}");
        }

        await lost;
        await replacing;

        if (bench.CallsOf(ReplicaQuestions.VerySlow, "lost") != 2)
        {
            report.Break("asked_too_often_after_a_kill", $"{bench.CallsOf(ReplicaQuestions.VerySlow, "lost")} times");
        }
    }
}
