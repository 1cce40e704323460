using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <content>What runs wait for.</content>
internal sealed partial class RunStoreModel
{
    private const int MaxKeptEvents = 100;

    public RunWaitResult OpenWait(RunLease lease, RunWait wait, IReadOnlyList<AgentRunEvent> events)
    {
        if (FindHeld(lease) is not { } run)
        {
            return new() { Outcome = RunWriteOutcome.LeaseLost };
        }

        AnswerDue(run);
        if (run.Find(wait.Key) is not null || run.Open.Exists(open => open.Key == wait.Key))
        {
            return new() { Outcome = RunWriteOutcome.AlreadyCommitted, Answer = run.Find(wait.Key) };
        }

        var opened = wait.Opened(Now, wait.AnswerWhenDue is null ? null : Now + wait.Timeout);
        run.Open.Add(opened);
        run.Revision++;
        Tell(run, events);
        if (wait.Kind == RunStepKind.Event && run.Kept.Find(kept => kept.Name == wait.Name) is { } signal)
        {
            run.Kept.Remove(signal);
            var hadNewAnswer = run.HasNewAnswer;
            Decide(run, opened, Raised(opened, signal));
            run.HasNewAnswer = hadNewAnswer;
        }

        return new() { Outcome = RunWriteOutcome.Committed, Answer = run.Find(wait.Key) };
    }

    public RunWriteOutcome Suspend(RunLease lease, RunSuspension suspension)
    {
        if (FindHeld(lease) is not { } run)
        {
            return WasEnded(lease, static run => run.ReleasedToken);
        }

        run.ReleasedToken = lease.Token;
        run.Cost += suspension.Cost;
        run.Attempts--;
        EndAttempt(run);
        AnswerDue(run);
        run.Begun.IntersectWith(run.BegunBefore);
        if (run.IsCancelRequested)
        {
            End(run, AgentRunStatus.Cancelled);
        }
        else if (run.ExpiresAt <= Now)
        {
            Expire(run);
        }
        else if (!run.HasNewAnswer && run.Open.Count > 0)
        {
            if (run.Session is not null && Runs.Exists(later => later.Session == run.Session && later != run && !later.IsEnded
                && later.Submission is { Supersede: true, OnBusy: SessionBusyPolicy.Enqueue }))
            {
                Supersede(run);
            }
            else
            {
                run.Status = AgentRunStatus.Waiting;
                run.WaitingSince = Now;
                run.Tell(new() { Type = AgentRunEventTypes.RunWaiting, RunId = run.Id }, Now);
            }
        }

        return RunWriteOutcome.Committed;
    }

    public RunAnswerOutcome Answer(string id, string requestId, RunAnswer answer)
    {
        if (Find(id) is not { } run)
        {
            return RunAnswerOutcome.NotFound;
        }

        AnswerDue(run);
        if (run.Decisions.TryGetValue(requestId, out var decision))
        {
            return decision == answer.Decision ? RunAnswerOutcome.Repeated : RunAnswerOutcome.Conflict;
        }

        if (run.Open.Find(wait => wait.RequestId == requestId) is not { } wait)
        {
            return run.LeftOpen.Contains(requestId) ? RunAnswerOutcome.Ended : RunAnswerOutcome.NotFound;
        }

        Decide(run, wait, answer);
        return RunAnswerOutcome.Accepted;
    }

    public RunAnswerOutcome Raise(string id, RunSignal signal)
    {
        if (Find(id) is not { } run)
        {
            return RunAnswerOutcome.NotFound;
        }

        AnswerDue(run);
        if (signal.Id is not null && run.Raised.Contains(signal.Id))
        {
            return RunAnswerOutcome.Repeated;
        }

        if (run.IsEnded)
        {
            return RunAnswerOutcome.Ended;
        }

        if (run.Open.Find(wait => wait.Kind == RunStepKind.Event && wait.Name == signal.Name) is { } wait)
        {
            Decide(run, wait, Raised(wait, signal));
        }
        else if (run.Kept.Count >= MaxKeptEvents)
        {
            return RunAnswerOutcome.Full;
        }
        else
        {
            run.Kept.Add(signal);
        }

        if (signal.Id is not null)
        {
            run.Raised.Add(signal.Id);
        }

        return RunAnswerOutcome.Accepted;
    }

    private static RunAnswer Raised(RunWait wait, RunSignal signal) => new()
    {
        Decision = "raised",
        Payload = signal.Payload,
        Event = new() { Type = AgentRunEventTypes.StepCompleted, Step = wait.Key, Kind = wait.Kind, Name = wait.Name },
    };

    private void Decide(ModelRun run, RunWait wait, RunAnswer answer)
    {
        run.Open.Remove(wait);
        run.Decisions[wait.RequestId] = answer.Decision;
        run.HasNewAnswer = true;
        run.Revision++;
        Forgive(run.Tenant);
        run.Write(new()
        {
            Key = wait.Key,
            Kind = wait.Kind,
            Name = wait.Name,
            Attempt = Math.Max(1, run.Attempts),
            Duration = Now - wait.CreatedAt,
            Version = answer.Version,
            Payload = answer.Payload,
        });
        if (answer.Event is { } told)
        {
            run.Tell(told, Now);
        }

        if (run.Status == AgentRunStatus.Waiting)
        {
            StopWaiting(run);
        }
    }

    private void AnswerDue(ModelRun run)
    {
        foreach (var wait in run.Open.FindAll(wait => wait.DueAt <= Now))
        {
            Decide(run, wait, wait.AnswerWhenDue!);
        }
    }

    /// <summary>Waits of a run that is not laid aside are answered when somebody asks: nobody waits for them.</summary>
    private void AnswerAllDue()
    {
        foreach (var run in Runs.FindAll(static run => run.Status == AgentRunStatus.Waiting))
        {
            AnswerDue(run);
        }
    }
}
