namespace AgentHosting.Load.Crashes.Checks;

/// <summary>A deploy costs a run neither an attempt nor a crash.</summary>
internal static class AttemptChecks
{
    public static void Check(CrashEvidence evidence, CrashReport report)
    {
        report.Promise("attempts_spent");
        foreach (var run in evidence.Runs.Values.Where(static run => run.Attempts != 1 || run.Crashes != 0 || run.Failures != 0))
        {
            report.Break("attempts_spent", $"{run.Id} has {run.Attempts} attempts, {run.Failures} failures and {run.Crashes} crashes");
        }
    }
}
