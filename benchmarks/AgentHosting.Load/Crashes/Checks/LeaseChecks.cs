namespace AgentHosting.Load.Crashes.Checks;

/// <summary>No worker lost a lease.</summary>
internal static class LeaseChecks
{
    public static void Check(CrashEvidence evidence, CrashReport report)
    {
        report.Promise("leases_lost");
        foreach (var run in evidence.Runs.Values.Where(static run => run.Crashes > 0))
        {
            report.Break("leases_lost", $"{run.Id} has {run.Attempts} attempts, {run.Failures} failures and {run.Crashes} crashes");
        }
    }
}
