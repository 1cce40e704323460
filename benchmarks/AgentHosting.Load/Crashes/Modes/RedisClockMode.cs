using AgentHosting.Load.Crashes.Checks;
using AgentHosting.Load.Crashes.Faults;
using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Load.Crashes.Processes;
using AgentHosting.Load.Crashes.Workers;

namespace AgentHosting.Load.Crashes.Modes;

/// <summary>The clock of Redis is set forward and back by minutes. No worker that lives loses a run by it, and none that is dead keeps one.</summary>
internal sealed class RedisClockMode : CrashMode
{
    private static readonly TimeSpan BeyondLeases = TimeSpan.FromSeconds(5);
    private string _file = "";

    public override string Name => "redis-clock";

    public override string Summary => "the clock of Redis is set forward and back by minutes, and workers are killed";

    protected override RedisStart Start => new() { Before = FakeTime.BeforeRedis(_file) };

    public override Task StartAsync(CrashSetup setup, CancellationToken cancellationToken)
    {
        _file = Path.Combine(setup.Folder, "redis-clock");
        FakeTime.Write(_file, TimeSpan.Zero);
        return base.StartAsync(setup, cancellationToken);
    }

    public override IFaultPlan Plan(CrashSetup setup, WorkerFleet fleet) => new ClockTrouble(Redis, _file, fleet, setup.Faults, setup.Interval, setup.Random);

    public override long? MostRepeated(CrashSetup setup, IFaultPlan faults) => (long)faults.Faults.Count * setup.Timing.Slots;

    public override void Check(CrashSetup setup, IFaultPlan faults, CrashEvidence evidence, CrashReport report)
    {
        EarlyReapChecks.Check(evidence, report);
        // A clock that is set forward makes sweeps wait for a lease, so that those who live can renew theirs.
        CheckRecoveries(evidence, report, (setup.Timing.Lease * 2) + BeyondLeases);
    }

    /// <summary>As <see cref="RecoveryChecks"/>, by the calls alone: the times of events are those of the clock that is moved.</summary>
    private static void CheckRecoveries(CrashEvidence evidence, CrashReport report, TimeSpan limit)
    {
        report.Promise("late_recoveries");
        var longest = TimeSpan.Zero;
        var count = 0;
        foreach (var fault in evidence.Faults)
        {
            foreach (var calls in evidence.Calls)
            {
                OracleCall? last = calls.LastOrDefault(call => call.Worker == fault.Worker);
                OracleCall? next = last is null ? null : calls.FirstOrDefault(call => call.Attempt > last.Attempt);
                if (next is null || last!.Time > fault.At)
                {
                    continue;
                }

                var took = next.Time - fault.At;
                count++;
                longest = took > longest ? took : longest;
                if (took > limit)
                {
                    report.Break("late_recoveries", $"{calls.Key} attempt {last.Attempt}, kill of {fault.Worker}: {took.TotalSeconds:0.00} s");
                }
            }
        }

        report.Figures["recoveries"] = count;
        report.Figures["recovery_max_s"] = Math.Round(longest.TotalSeconds, 2);
        report.Figures["recovery_limit_s"] = limit.TotalSeconds;
    }
}
