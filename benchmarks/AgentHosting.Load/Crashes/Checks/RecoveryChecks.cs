using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>How long it took, from a fault on, until each run that its worker held was started by another. Which worker an attempt belongs to is known by the calls that it made.</summary>
internal static class RecoveryChecks
{
    private static readonly TimeSpan InFlight = TimeSpan.FromMilliseconds(500);

    public static void Check(CrashEvidence evidence, CrashReport report, TimeSpan limit)
    {
        report.Promise("late_recoveries");
        var times = new List<double>();
        foreach (var (id, run) in evidence.Runs)
        {
            var starts = evidence.Events[id].Where(static told => told.Type == AgentRunEventTypes.RunStarted).ToArray();
            var end = run.CompletedAt ?? DateTimeOffset.MaxValue;
            foreach (var attempt in evidence.Calls[id].GroupBy(static call => (call.Attempt, call.Worker)))
            {
                var started = starts.FirstOrDefault(told => told.Attempt == attempt.Key.Attempt);
                var next = starts.FirstOrDefault(told => told.Attempt == attempt.Key.Attempt + 1)?.At ?? end;
                foreach (var fault in evidence.Faults.Where(fault => fault.Worker == attempt.Key.Worker && started is not null && started.At < fault.At && fault.At + InFlight < next))
                {
                    var took = next - fault.At;
                    times.Add(took.TotalSeconds);
                    if (took > limit)
                    {
                        report.Break("late_recoveries", $"{id} attempt {attempt.Key.Attempt}, {fault.Kind} of {fault.Worker}: {took.TotalSeconds:0.00} s");
                    }
                }
            }
        }

        times.Sort();
        report.Figures["recoveries"] = times.Count;
        report.Figures["recovery_p50_s"] = times.Count == 0 ? null : Math.Round(times[times.Count / 2], 2);
        report.Figures["recovery_max_s"] = times.Count == 0 ? null : Math.Round(times[^1], 2);
        report.Figures["recovery_limit_s"] = limit.TotalSeconds;
    }
}
