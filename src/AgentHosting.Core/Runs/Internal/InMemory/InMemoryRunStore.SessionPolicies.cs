namespace AgentHosting.Runs.Internal.InMemory;

/// <content>What a new run does to the one that its session is busy with.</content>
internal sealed partial class InMemoryRunStore
{
    private RunEnqueueResult? RefuseAsBusy(RunSubmission submission, DateTimeOffset now)
    {
        if (FindSession(submission)?.Runs.First is not { Value: var head })
        {
            return null;
        }

        // A wait whose time is up is answered, whether or not anybody has asked since.
        AnswerDue(head, now);
        return submission.OnBusy switch
        {
            SessionBusyPolicy.Reject => Result(RunEnqueueOutcome.SessionBusy, head.Id),
            SessionBusyPolicy.Enqueue when head.Place == RunPlace.Waiting && !submission.Supersede => new RunEnqueueResult
            {
                Outcome = RunEnqueueOutcome.SessionWaiting,
                RunId = head.Id,
                RequestId = head.Waits.Open[0].RequestId,
            },
            SessionBusyPolicy.Rollback when head.EffectStep is { } step => new RunEnqueueResult { Outcome = RunEnqueueOutcome.RollbackRefused, RunId = head.Id, Step = step },
            _ => null,
        };
    }

    /// <summary>Treats the session's first run as the accepted one asks, which stands behind it already: a session that becomes empty in between might be removed.</summary>
    /// <returns>The run whose worker is to be told that it is cancelled.</returns>
    private string? MakeWay(RunRecord head, RunSubmission submission, DateTimeOffset now)
    {
        var wasRunning = head.Place == RunPlace.Running;
        switch (submission.OnBusy)
        {
            case SessionBusyPolicy.Interrupt when wasRunning:
                head.CancelRequested = true;
                return head.Id;
            case SessionBusyPolicy.Interrupt when head.HasBegun:
                End(head, AgentRunStatus.Cancelled, null, null, now);
                return null;
            case SessionBusyPolicy.Rollback:
                End(head, AgentRunStatus.Cancelled, null, null, now, hasTurn: true);
                return wasRunning ? head.Id : null;
            case SessionBusyPolicy.Enqueue when submission.Supersede && head.Place == RunPlace.Waiting:
                Supersede(head, now);
                return null;
            default:
                return null;
        }
    }

    private static bool IsSuperseded(RunRecord run) => run.Session?.Runs.Any(
        later => later != run && later.Submission is { Supersede: true, OnBusy: SessionBusyPolicy.Enqueue }) == true;

    /// <summary>Answers all that the run waits for, or ends it where something can only be answered from outside.</summary>
    private void Supersede(RunRecord run, DateTimeOffset now)
    {
        if (run.Waits.Open.Any(static wait => wait.AnswerWhenSuperseded is null))
        {
            End(run, AgentRunStatus.Cancelled, null, null, now);
            return;
        }

        foreach (var wait in run.Waits.Open.ToList())
        {
            Answer(run, wait, wait.AnswerWhenSuperseded!, now);
        }
    }
}
