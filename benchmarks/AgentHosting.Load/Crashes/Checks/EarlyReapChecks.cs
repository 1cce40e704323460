namespace AgentHosting.Load.Crashes.Checks;

/// <summary>No worker lost a run while nothing was done to it. Which worker an attempt belongs to is known by the calls that it made.</summary>
internal static class EarlyReapChecks
{
    public static void Check(CrashEvidence evidence, CrashReport report)
    {
        report.Promise("early_reaps");
        var harmed = evidence.Faults.Select(static fault => fault.Worker).ToHashSet();
        foreach (var run in evidence.Runs.Values.Where(static run => run.Crashes > 0 && run.Failures == 0))
        {
            foreach (var attempt in evidence.Calls[run.Id].Where(call => call.Attempt < run.Attempts).GroupBy(static call => (call.Attempt, call.Worker)).Where(attempt => !harmed.Contains(attempt.Key.Worker)))
            {
                report.Break("early_reaps", $"{run.Id} attempt {attempt.Key.Attempt} was taken from {attempt.Key.Worker}");
            }
        }
    }
}
