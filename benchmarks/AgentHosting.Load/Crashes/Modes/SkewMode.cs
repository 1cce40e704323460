using System.Diagnostics;
using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;
using AgentHosting.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>A worker an hour ahead and one an hour behind, and workers are killed and stopped. Leases and delays go by Redis' clock: nobody takes a run too early, or lets it lie.</summary>
internal sealed class SkewMode : CrashMode
{
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BeyondLease = TimeSpan.FromSeconds(5);

    public override string Name => "skew";

    public override string Summary => "one worker's clock is an hour ahead, another's an hour behind, and workers are killed and stopped";

    public override void PrepareWorker(int place, ProcessStartInfo start)
    {
        if (place < 2)
        {
            FakeTime.Set(start.Environment, place == 0 ? Skew : -Skew);
        }
    }

    public override void ConfigureHost(IAgentHostingBuilder builder, bool isWorker)
    {
        if (isWorker)
        {
            builder.Services.AddHostedService<ClockTeller>();
        }
    }

    public override TimeSpan DelayOf(int number) => number % 5 == 0 ? Delay : TimeSpan.Zero;

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => new KillStorm(fleet, setup.Faults, setup.Interval, setup.Timing.Lease, setup.Random);

    public override long? MostRepeated(CrashSetup setup, IFaultPlan faults) => (long)faults.Faults.Count * setup.Timing.Slots;

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        RecoveryChecks.Check(evidence, report, setup.Timing.Lease + BeyondLease);
        EarlyReapChecks.Check(evidence, report);
        CheckDelays(evidence, report);
        var skews = Directory.GetFiles(setup.Folder, "worker-*.log").SelectMany(File.ReadLines).Select(ClockTeller.Read).OfType<TimeSpan>().Select(static skew => Math.Round(skew.TotalHours, 1)).Distinct().Order().ToArray();
        report.Figures["clocks_h"] = string.Join(' ', skews);
        report.Promise("clocks_not_skewed");
        if (!skews.SequenceEqual([-1, 0, 1]))
        {
            report.Break("clocks_not_skewed", "libfaketime does not work here");
        }
    }

    private static void CheckDelays(CrashEvidence evidence, CrashReport report)
    {
        report.Promise("early_delays", "late_delays");
        var waited = evidence.Submissions.Where(static submission => submission.Request.Delay > TimeSpan.Zero)
            .Select(submission => evidence.Runs.GetValueOrDefault(submission.RunId ?? "")).OfType<AgentRun>().Select(static run => (run.Id, Time: run.StartedAt - run.CreatedAt)).ToArray();
        report.Figures["delayed_runs"] = waited.Length;
        report.Figures["delay_max_s"] = waited.Length == 0 ? null : Math.Round(waited.Max(static run => run.Time!.Value.TotalSeconds), 2);
        foreach (var (id, time) in waited)
        {
            if (time < Delay)
            {
                report.Break("early_delays", $"{id} after {time}");
            }
            else if (time > Delay * 2)
            {
                report.Break("late_delays", $"{id} after {time}");
            }
        }
    }
}
