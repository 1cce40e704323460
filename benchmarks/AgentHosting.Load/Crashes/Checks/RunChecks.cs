using AgentHosting.Load.Crashes.Load;
using AgentHosting.Runs;

namespace AgentHosting.Load.Crashes.Checks;

/// <summary>Each run that was accepted is there once, has ended once, and has done what it was to do.</summary>
internal static class RunChecks
{
    private static readonly HashSet<string> Terminal =
    [
        AgentRunEventTypes.RunCompleted, AgentRunEventTypes.RunFailed, AgentRunEventTypes.RunCancelled, AgentRunEventTypes.RunExpired,
    ];

    public static void Check(CrashEvidence evidence, CrashReport report)
    {
        report.Promise("lost", "not_ended", "not_succeeded", "accepted_twice", "unknown_runs", "second_results", "broken_events", "wrong_answers", "wrong_steps");
        var accepted = new HashSet<string>(StringComparer.Ordinal);
        if (evidence.MayLoseCommitted)
        {
            report.Count("lost_unreplicated", 0);
            report.Figures["sessions_with_losses"] = evidence.TouchedSessions.Count;
        }

        foreach (var submission in evidence.Submissions)
        {
            accepted.UnionWith(submission.Ids);
            foreach (var lost in submission.Lost)
            {
                Lose(submission, lost, evidence, report);
            }

            CheckOne(submission, evidence, report);
        }

        foreach (var id in evidence.Runs.Keys.Where(id => !accepted.Contains(id)))
        {
            report.Break("unknown_runs", $"{id} is in the store, and nobody was told that it was accepted");
        }

        var runs = evidence.Runs.Values;
        report.Figures["accepted"] = accepted.Count;
        report.Figures["succeeded"] = runs.Count(static run => run.Status == AgentRunStatus.Succeeded);
        report.Figures["steps"] = runs.Sum(static run => run.Steps.Count(static step => step.Kind != RunStepKind.Start));
        report.Figures["attempts"] = runs.Sum(static run => run.Attempts);
        report.Figures["crashes"] = runs.Sum(static run => run.Crashes);
        report.Figures["failures"] = runs.Sum(static run => run.Failures);
        report.Figures["unknown_outcomes"] = runs.Sum(static run => (run.Result ?? "").Split(CrashPlan.UnknownOutcome).Length - 1);
    }

    private static void CheckOne(CrashSubmission submission, CrashEvidence evidence, CrashReport report)
    {
        if (submission.RunId is not { } id)
        {
            report.Break("not_ended", $"#{submission.Plan.Number} was never accepted");
            return;
        }

        if (submission.Ids.Count > 1)
        {
            report.Break("accepted_twice", string.Join(' ', submission.Ids));
        }

        if (!evidence.Runs.TryGetValue(id, out var run))
        {
            Lose(submission, id, evidence, report);
            return;
        }

        if (run.Status < AgentRunStatus.Succeeded)
        {
            report.Break("not_ended", $"{id} is {run.Status} after attempt {run.Attempts}");
            return;
        }

        CheckEvents(id, evidence.Events[id], report);
        if (run.Status == submission.End && run.Status != AgentRunStatus.Succeeded)
        {
            return;
        }

        if (run.Status != AgentRunStatus.Succeeded || run.Status != submission.End)
        {
            report.Break("not_succeeded", $"{id} {run.Status} {run.Error?.Code}: {run.Error?.Message}");
            return;
        }

        if (submission.Request.SessionId is { } session && evidence.TouchedSessions.Contains(session))
        {
            // What was said before it may be gone, or come after it.
        }
        else if (!submission.Plan.IsAnswer(run.Result, submission.Before.Select(static before => before.Plan.Number)))
        {
            report.Break("wrong_answers", $"{id} was '{submission.Plan.ToMessage()}' after {submission.Before.Count}, and answered '{run.Result}'");
        }

        var steps = run.Steps.Where(static step => step.Kind != RunStepKind.Start).Select(static step => step.Key);
        if (evidence.MayLoseCommitted && MissingSteps(submission, evidence, run) is { Length: > 0 } missing)
        {
            report.Count("steps_missing_unreplicated", missing.Length);
        }
        else if (!steps.SequenceEqual(submission.Plan.Steps))
        {
            report.Break("wrong_steps", $"{id} was '{submission.Plan.ToMessage()}', and did {string.Join(' ', run.Steps.Select(static step => step.Key))}");
        }
    }

    /// <summary>Steps that the record of a run lacks, all of them lost in a failover: the attempt that had them came to its end without another commit.</summary>
    private static string[] MissingSteps(CrashSubmission submission, CrashEvidence evidence, AgentRun run)
    {
        var there = run.Steps.Where(static step => step.Kind != RunStepKind.Start).Select(static step => step.Key).ToArray();
        string[] missing = [.. submission.Plan.Steps.Except(there)];
        var isPrefix = submission.Plan.Steps.Take(there.Length).SequenceEqual(there);
        return isPrefix && missing.All(step => evidence.Calls[run.Id].Any(call => call.Step == step && evidence.Losses.CoversEndOf(call))) ? missing : [];
    }

    private static void Lose(CrashSubmission submission, string id, CrashEvidence evidence, CrashReport report)
    {
        if (evidence.MayLoseCommitted && evidence.Losses.Covers(submission.AcknowledgedAt[id]))
        {
            report.Count("lost_unreplicated");
            report.Note($"{id}, accepted at {submission.AcknowledgedAt[id]:O}, was not replicated when its primary was killed");
        }
        else
        {
            report.Break("lost", $"{id}, accepted at {submission.AcknowledgedAt[id]:O}");
        }
    }

    private static void CheckEvents(string id, IReadOnlyList<AgentRunEvent> events, CrashReport report)
    {
        var ends = events.Count(static told => Terminal.Contains(told.Type));
        if (ends != 1)
        {
            report.Break("second_results", $"{id} has {ends} terminal events");
        }

        var completed = events.Where(static told => told.Type == AgentRunEventTypes.StepCompleted).Select(static told => told.Step).ToArray();
        if (!events.Select(static told => told.Sequence).SequenceEqual(Enumerable.Range(1, events.Count).Select(static number => (long)number))
            || !Terminal.Contains(events[^1].Type)
            || completed.Distinct().Count() != completed.Length)
        {
            report.Break("broken_events", $"{id}: {string.Join(' ', events.Select(static told => $"{told.Sequence}:{told.Type}:{told.Step}"))}");
        }
    }
}
