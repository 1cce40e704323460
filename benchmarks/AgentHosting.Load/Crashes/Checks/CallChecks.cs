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
        var lost = evidence.Submissions.SelectMany(static submission => submission.Lost).ToHashSet(StringComparer.Ordinal);
        foreach (var run in evidence.Calls)
        {
            if (!evidence.Runs.TryGetValue(run.Key, out var record))
            {
                if (evidence.MayLoseCommitted && (lost.Contains(run.Key) || evidence.Losses.Covers(run.First().Time)))
                {
                    report.Count("calls_of_lost_runs", run.Count());
                }
                else
                {
                    report.Break("unknown_calls", run.Key);
                }

                continue;
            }

            foreach (var step in run.GroupBy(static call => call.Step))
            {
                CheckStep(record, [.. step], [.. run], evidence, report);
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

    private static void CheckStep(AgentRun run, OracleCall[] calls, OracleCall[] allOfRun, CrashEvidence evidence, CrashReport report)
    {
        var key = calls[0].Step;
        if (calls[0].Name == CrashPlan.Charge && calls.Length > 1)
        {
            Break("effects_twice", "effects_repeated_unreplicated", calls[^1], $"{run.Id} {key}: {Describe(calls)}");
        }

        foreach (var twice in calls.GroupBy(static call => (call.Attempt, call.Worker)).Where(group => group.Count() > 1 && !evidence.Losses.Explain(group.First(), group.Last())))
        {
            report.Break("called_twice_in_attempt", $"{run.Id} {key}: {Describe([.. twice])}");
        }

        var journaledBy = run.Steps.FirstOrDefault(step => step.Key == key)?.Attempt ?? int.MaxValue;
        foreach (var call in calls)
        {
            var acknowledged = allOfRun.FirstOrDefault(other => other.Attempt < call.Attempt && other.At < call.At && ComesAfter(other, call));
            if (call.Attempt > journaledBy || acknowledged is not null)
            {
                Break("completed_called_again", "completed_repeated_unreplicated", call, $"{run.Id} {key}, journaled by attempt {journaledBy}: {Describe(calls)}{(acknowledged is null ? "" : $", after {Describe([acknowledged])}")}");
            }
        }

        // Where what the first call came to, or that it was begun, may be lost, the step is done again; and counted.
        void Break(string promise, string figure, OracleCall again, string detail)
        {
            if (evidence.MayLoseCommitted && calls.Any(first => first != again && evidence.Losses.Explain(first, again)))
            {
                report.Count(figure);
            }
            else
            {
                report.Break(promise, detail);
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
            foreach (var step in run.Steps.Where(step => step.Kind != RunStepKind.Start && step.Name is not (CrashPlan.Charge or CrashPlan.Die) && !called.Contains(step.Key)))
            {
                report.Break("never_called", $"{run.Id} {step.Key}");
            }
        }
    }

    private static string Describe(OracleCall[] calls) =>
        string.Join(", ", calls.Select(static call => $"{call.Step} by attempt {call.Attempt} of {call.Worker} at {call.At}"));
}
