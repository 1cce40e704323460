using AgentHosting.Load.Crashes.Oracle;
using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>
/// What reached the provider and the tools. A step that is in the journal is not called by a later attempt than the one that journaled it; nor by a later attempt than one that
/// has called what comes after the step, since that one went on only when the step's commit was acknowledged. (An attempt that has lost its lease while it was stopped may send
/// the one call that it was about to send: that is a step in flight, and is counted as repeated.)
/// </summary>
internal static class CallChecks
{
    public static void Check(CrashEvidence evidence, CrashReport report, long? mostRepeated)
    {
        report.Promise("completed_called_again", "effects_twice", "called_twice_in_attempt", "never_called", "unknown_calls", "too_many_repeated");
        var (repeatedModels, repeatedTools) = (0, 0);
        foreach (var run in evidence.Calls)
        {
            if (!evidence.Runs.TryGetValue(run.Key, out var record))
            {
                report.Break("unknown_calls", run.Key);
                continue;
            }

            foreach (var step in run.GroupBy(static call => call.Step))
            {
                CheckStep(record, [.. step], [.. run], report);
                var repeated = step.Count() - 1;
                repeatedModels += step.First().IsModel ? repeated : 0;
                repeatedTools += step.First().IsModel ? 0 : repeated;
            }
        }

        CheckCalled(evidence, report);
        report.Figures["calls"] = evidence.Calls.Sum(static run => run.Count());
        report.Figures["repeated_model_calls"] = repeatedModels;
        report.Figures["repeated_tool_calls"] = repeatedTools;
        if (mostRepeated is { } most)
        {
            report.Figures["most_repeated"] = most;
            if (repeatedModels + repeatedTools > most)
            {
                report.Break("too_many_repeated", $"{repeatedModels} model calls and {repeatedTools} tool calls");
            }
        }
    }

    private static void CheckStep(AgentRun run, OracleCall[] calls, OracleCall[] allOfRun, CrashReport report)
    {
        var key = calls[0].Step;
        if (calls[0].Name == CrashPlan.Charge && calls.Length > 1)
        {
            report.Break("effects_twice", $"{run.Id} {key}: {Describe(calls)}");
        }

        foreach (var twice in calls.GroupBy(static call => (call.Attempt, call.Worker)).Where(static group => group.Count() > 1))
        {
            report.Break("called_twice_in_attempt", $"{run.Id} {key}: {Describe([.. twice])}");
        }

        var journaledBy = run.Steps.FirstOrDefault(step => step.Key == key)?.Attempt ?? int.MaxValue;
        foreach (var call in calls)
        {
            var acknowledged = allOfRun.FirstOrDefault(other => other.Attempt < call.Attempt && other.At < call.At && ComesAfter(other, call));
            if (call.Attempt > journaledBy || acknowledged is not null)
            {
                report.Break("completed_called_again", $"{run.Id} {key}, journaled by attempt {journaledBy}: {Describe(calls)}{(acknowledged is null ? "" : $", after {Describe([acknowledged])}")}");
            }
        }
    }

    /// <summary>Whether a call is only made when another step is journaled.</summary>
    private static bool ComesAfter(OracleCall later, OracleCall earlier) => later.Round > earlier.Round || (later.Round == earlier.Round && earlier.IsModel && !later.IsModel);

    /// <summary>What is in the journal was asked for; only of a tool with effects may it be that it was begun and never reached its endpoint.</summary>
    private static void CheckCalled(CrashEvidence evidence, CrashReport report)
    {
        foreach (var run in evidence.Runs.Values)
        {
            // A run that was requeued has the journal of the one before.
            var called = evidence.Calls[run.Id].Concat(evidence.Calls[run.OriginId ?? ""]).Select(static call => call.Step).ToHashSet(StringComparer.Ordinal);
            foreach (var step in run.Steps.Where(step => step.Kind != RunStepKind.Start && step.Name != CrashPlan.Charge && !called.Contains(step.Key)))
            {
                report.Break("never_called", $"{run.Id} {step.Key}");
            }
        }
    }

    private static string Describe(OracleCall[] calls) =>
        string.Join(", ", calls.Select(static call => $"{call.Step} by attempt {call.Attempt} of {call.Worker} at {call.At}"));
}
