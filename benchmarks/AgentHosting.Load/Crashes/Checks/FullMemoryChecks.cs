using AgentHosting.Load.Crashes.Faults;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>While memory is full runs that are there go on to their ends, and new ones are refused.</summary>
internal static class FullMemoryChecks
{
    public static void Check(CrashEvidence evidence, CrashReport report)
    {
        report.Promise("no_run_ended_while_full", "accepted_while_full", "nothing_tried");
        var ended = 0;
        foreach (var fault in evidence.Faults.Where(static fault => fault.Kind == Fault.Full))
        {
            var (from, until) = (fault.At, fault.Until!.Value);
            var within = evidence.Runs.Values.Count(run => run.CompletedAt > from && run.CompletedAt < until);
            ended += within;
            if (within == 0 && evidence.Runs.Values.Any(run => run.CreatedAt < from && (run.CompletedAt is null || run.CompletedAt > from)))
            {
                report.Break("no_run_ended_while_full", $"{from:O} to {until:O}");
            }

            foreach (var run in evidence.Runs.Values.Where(run => run.CreatedAt > from && run.CreatedAt < until))
            {
                report.Break("accepted_while_full", $"{run.Id} at {run.CreatedAt:O}");
            }
        }

        report.Figures["ended_while_full"] = ended;
        report.Figures["full_max_s"] = evidence.Faults.Where(static fault => fault.Kind == Fault.Full).Max(static fault => Math.Round((fault.Until!.Value - fault.At).TotalSeconds, 1));
        if (ended == 0)
        {
            report.Break("nothing_tried", "No run ended while memory was full.");
        }
    }
}
