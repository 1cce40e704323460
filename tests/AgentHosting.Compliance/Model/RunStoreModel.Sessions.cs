using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <content>What a new run does to the one that its session is busy with, and how a run ends.</content>
internal sealed partial class RunStoreModel
{
    private RunEnqueueResult? RefuseBehind(ModelRun head, RunSubmission submission)
    {
        AnswerDue(head);
        if (submission.OnBusy == SessionBusyPolicy.Reject)
        {
            return new() { Outcome = RunEnqueueOutcome.SessionBusy, RunId = head.Id };
        }

        if (submission.OnBusy == SessionBusyPolicy.Rollback && head.EffectStep is { } step)
        {
            return new() { Outcome = RunEnqueueOutcome.RollbackRefused, RunId = head.Id, Step = step };
        }

        return submission is { OnBusy: SessionBusyPolicy.Enqueue, Supersede: false } && head.Status == AgentRunStatus.Waiting
            ? new() { Outcome = RunEnqueueOutcome.SessionWaiting, RunId = head.Id, RequestId = head.Open[0].RequestId }
            : null;
    }

    private void MakeWay(ModelRun head, RunSubmission submission)
    {
        switch (submission.OnBusy)
        {
            case SessionBusyPolicy.Interrupt when head.Status == AgentRunStatus.Running:
                head.IsCancelRequested = true;
                break;
            case SessionBusyPolicy.Interrupt when head.StartedAt is not null:
                End(head, AgentRunStatus.Cancelled);
                break;
            case SessionBusyPolicy.Rollback:
                End(head, AgentRunStatus.Cancelled, leavesTurn: false);
                break;
            case SessionBusyPolicy.Enqueue when submission.Supersede && head.Status == AgentRunStatus.Waiting:
                Supersede(head);
                break;
            default:
                break;
        }
    }

    private void Supersede(ModelRun run)
    {
        if (run.Open.Exists(static wait => wait.AnswerWhenSuperseded is null))
        {
            End(run, AgentRunStatus.Cancelled);
            return;
        }

        foreach (var wait in run.Open.ToList())
        {
            Decide(run, wait, wait.AnswerWhenSuperseded!);
        }
    }

    private void EndAttempt(ModelRun run)
    {
        if (run.Lease is not null)
        {
            run.Lease = null;
            // What comes after the end of the lease nobody knows to have been worked on.
            run.Elapsed += (run.LeaseEnd < Now ? run.LeaseEnd : Now) - run.AttemptStartedAt;
            Requeue(run);
        }
    }

    /// <summary>Back into the queue, at the place that follows from the rest.</summary>
    private void Requeue(ModelRun run)
    {
        run.Status = AgentRunStatus.Queued;
        run.QueuedSince = Now;
        run.Revision++;
        Forgive(run.Tenant);
    }

    private void StopWaiting(ModelRun run)
    {
        // A run does not age while it waits.
        run.ExpiresAt += Now - run.WaitingSince;
        Requeue(run);
    }

    private void Expire(ModelRun run) => End(
        run, AgentRunStatus.Expired, error: new() { Code = AgentRunErrorCodes.Expired, Message = "The run was not done before it expired." });

    private void End(ModelRun run, AgentRunStatus status, string? result = null, AgentRunError? error = null, bool leavesTurn = true)
    {
        var wasFirst = IsFirst(run);
        EndAttempt(run);
        Forgive(run.Tenant);
        if (run.Status == AgentRunStatus.Waiting)
        {
            StopWaiting(run);
        }

        if (leavesTurn && run.StartedAt is not null)
        {
            run.Session?.AddTurn(
                new()
                {
                    RunId = run.Id,
                    Version = run.JournalVersion,
                    Message = run.Submission.Message,
                    Journal = [.. run.Steps.Select(static entry => entry.Step).Where(static step => step.Kind != RunStepKind.Start)],
                    PartialText = run.PartialText(),
                    Unanswered = [.. run.Open.Select(static wait => wait.Key)],
                },
                run.Replaces);
        }

        run.Status = status;
        run.Result = result;
        run.Error = error;
        run.CompletedAt = Now;
        run.LeftOpen.AddRange(run.Open.Select(static wait => wait.RequestId));
        run.Open.Clear();
        run.RemoveAt = Now + (status == AgentRunStatus.Failed ? options.DeadLetterRetention : options.Retention);
        run.Tell(
            new()
            {
                Type = status switch
                {
                    AgentRunStatus.Succeeded => AgentRunEventTypes.RunCompleted,
                    AgentRunStatus.Failed => AgentRunEventTypes.RunFailed,
                    AgentRunStatus.Cancelled => AgentRunEventTypes.RunCancelled,
                    _ => AgentRunEventTypes.RunExpired,
                },
                RunId = run.Id,
                Attempt = run.Attempts == 0 ? null : run.Attempts,
                Result = result,
                Error = error,
                Usage = new() { TotalTokens = run.Tokens },
                Cost = run.Cost,
            },
            Now);
        if (run.Session is { } session)
        {
            Leave(session, wasFirst);
        }
    }

    private void Erase(ModelRun run)
    {
        var wasFirst = IsFirst(run);
        Runs.Remove(run);
        _keys.FindAll(key => key.RunId == run.Id).ForEach(static key => key.IsForgotten = true);
        Forgive(run.Tenant);
        if (!run.IsEnded && run.Session is { } session)
        {
            Leave(session, wasFirst);
        }
    }

    private void Leave(ModelSession session, bool wasFirst)
    {
        if (HeadOf(session) is { } next)
        {
            next.QueuedSince = wasFirst ? Now : next.QueuedSince;
        }
        else if (session.Turns.Count == 0)
        {
            _sessions.Remove(session);
        }
        else
        {
            session.RemoveAt = Now + options.SessionRetention;
        }
    }
}
