using System.Diagnostics;
using AgentHosting.Load.Crashes.Checks;

namespace AgentHosting.Load.Replicas.Parts;

/// <summary>What fails for one is refused by the other; one probe for both, also when the replica that probes is killed.</summary>
internal sealed class CircuitPart : IReplicaPart
{
    private const string Through = "circuit";
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);
    // A machine that is busy.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(3);

    public string Name => "circuit";

    public async Task RunAsync(ReplicaBench bench, CrashReport report, CancellationToken cancellationToken)
    {
        await bench.StartAllAsync(cancellationToken);
        report.Promise("not_opened", "open_for_one_only", "not_one_probe", "not_closed", "stuck_after_a_kill");
        Expect(report, "not_closed", await bench[1].AskAsync(Through, ReplicaQuestions.Spend, "first", cancellationToken), isAnswered: true);
        await OpenAsync(bench, report, cancellationToken);

        // Nobody asks the provider while it is open, whichever replica saw it fail.
        Expect(report, "open_for_one_only", await bench[1].AskAsync(Through, ReplicaQuestions.Slow, "while open", cancellationToken), isAnswered: false);
        await Task.Delay(ReplicaSettings.Circuit.OpenDuration + Moment, TimeProvider.System, cancellationToken);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => bench[i % 2].AskAsync(Through, ReplicaQuestions.Slow, "probe", cancellationToken)));
        var probes = bench.CallsOf(ReplicaQuestions.Slow, "probe");
        report.Figures["probes"] = probes;
        report.Figures["refused_while_probing"] = answers.Count(static answer => answer == Replica.Open);
        if (probes != 1 || answers.Count(static answer => answer == Replica.Open) != 19)
        {
            report.Break("not_one_probe", $"{probes} calls, {answers.Count(static answer => answer == Replica.Open)} refused of 20");
        }

        for (var place = 0; place < bench.Count; place++)
        {
            Expect(report, "not_closed", await bench[place].AskAsync(Through, ReplicaQuestions.Spend, "closed", cancellationToken), isAnswered: true);
        }

        await OpenAsync(bench, report, cancellationToken);
        await Task.Delay(ReplicaSettings.Circuit.OpenDuration + Moment, TimeProvider.System, cancellationToken);
        var lost = bench[0].AskAsync(Through, ReplicaQuestions.VerySlow, "lost probe", cancellationToken);
        while (bench.CallsOf(ReplicaQuestions.VerySlow, "lost probe") == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        var watch = Stopwatch.StartNew();
        var replacing = bench.ReplaceAsync(0, cancellationToken);
        await lost;
        while (await bench[1].AskAsync(Through, ReplicaQuestions.Spend, "after the kill", cancellationToken) == Replica.Open && watch.Elapsed < TimeSpan.FromSeconds(30))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        var took = watch.Elapsed;
        report.Figures["seconds_after_the_kill"] = Math.Round(took.TotalSeconds, 2);
        if (took > ReplicaSettings.Circuit.ProbeLease + Slack)
        {
            report.Break("stuck_after_a_kill", $"closed {took} after the kill, the permit of a probe lasts {ReplicaSettings.Circuit.ProbeLease}");
        }

        await replacing;
        Expect(report, "not_closed", await bench[0].AskAsync(Through, ReplicaQuestions.Spend, "by the new one", cancellationToken), isAnswered: true);
    }

    private static async Task OpenAsync(ReplicaBench bench, CrashReport report, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await bench[0].AskAsync(Through, ReplicaQuestions.Fail, "fail", cancellationToken) == Replica.Open)
            {
                return;
            }
        }

        report.Break("not_opened", "60 failures in a row, and the circuit is closed");
    }

    private static void Expect(CrashReport report, string promise, string? answer, bool isAnswered)
    {
        if (isAnswered != answer is not (Replica.Open or Replica.Failed or null))
        {
            report.Break(promise, answer ?? "killed");
        }
    }
}
