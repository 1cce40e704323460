using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <content>What an attempt writes, and what becomes of the attempts that are lost.</content>
internal sealed partial class RunStoreModel
{
    public RunRenewalOutcome Renew(RunLease lease, TimeSpan duration)
    {
        if (FindHeld(lease) is not { } run)
        {
            return RunRenewalOutcome.Lost;
        }

        run.AttemptStartedAt += Now > run.LeaseEnd ? Now - run.LeaseEnd : TimeSpan.Zero;
        run.LeaseEnd = Now + duration;
        return run.IsCancelRequested ? RunRenewalOutcome.CancelRequested : run.ExpiresAt <= Now ? RunRenewalOutcome.Expired : RunRenewalOutcome.Held;
    }

    public RunWriteOutcome Commit(RunLease lease, RunStep step, IReadOnlyList<AgentRunEvent> events)
    {
        if (FindHeld(lease) is not { } run)
        {
            return RunWriteOutcome.LeaseLost;
        }

        if (!run.Write(step))
        {
            return RunWriteOutcome.AlreadyCommitted;
        }

        Tell(run, events);
        return RunWriteOutcome.Committed;
    }

    public RunWriteOutcome Append(RunLease lease, long batch, IReadOnlyList<AgentRunEvent> events)
    {
        if (FindHeld(lease) is not { } run)
        {
            return RunWriteOutcome.LeaseLost;
        }

        if (batch <= run.LastBatch)
        {
            return RunWriteOutcome.AlreadyCommitted;
        }

        run.LastBatch = batch;
        Tell(run, events);
        return RunWriteOutcome.Committed;
    }

    public RunWriteOutcome Complete(RunLease lease, RunCompletion completion)
    {
        if (FindHeld(lease) is not { } run)
        {
            return WasEnded(lease, static run => run.CompletedToken);
        }

        run.CompletedToken = lease.Token;
        run.Cost += completion.Cost;
        run.Failures += completion.Status == AgentRunStatus.Failed ? 1 : 0;
        if (!completion.SessionMessages.IsEmpty)
        {
            run.Session?.AddTurn(new() { RunId = run.Id, Messages = completion.SessionMessages, Version = completion.Version }, run.Replaces);
        }

        End(run, completion.Status, completion.Result, completion.Error, leavesTurn: false);
        return RunWriteOutcome.Committed;
    }

    public RunWriteOutcome Release(RunLease lease, RunRelease release)
    {
        if (FindHeld(lease) is not { } run)
        {
            return WasEnded(lease, static run => run.ReleasedToken);
        }

        run.ReleasedToken = lease.Token;
        run.Cost += release.Cost;
        run.Attempts -= release.Failed || release.Interrupted ? 0 : 1;
        run.Failures += release.Failed ? 1 : 0;
        EndAttempt(run);
        if (run.IsCancelRequested)
        {
            End(run, AgentRunStatus.Cancelled);
        }
        else if (run.ExpiresAt <= Now)
        {
            Expire(run);
        }
        else
        {
            run.NotBefore = Now + release.Delay;
        }

        return RunWriteOutcome.Committed;
    }

    public RunSweepResult Sweep(int maxCrashes)
    {
        AnswerAllDue();
        var (recovered, failed, cancelled, expired) = (0, 0, 0, 0);
        foreach (var run in Runs.FindAll(run => run.Lease is not null && run.LeaseEnd <= Now))
        {
            run.Crashes++;
            EndAttempt(run);
            if (run.IsCancelRequested)
            {
                End(run, AgentRunStatus.Cancelled);
                cancelled++;
            }
            else if (run.Crashes > maxCrashes)
            {
                End(run, AgentRunStatus.Failed, error: new()
                {
                    Code = AgentRunErrorCodes.CrashLimit,
                    Message = $"{run.Crashes} workers were lost while they held the run, more than the {maxCrashes} allowed.",
                });
                failed++;
            }
            else
            {
                recovered++;
            }
        }

        foreach (var run in Runs.FindAll(run => run.Status == AgentRunStatus.Queued && run.ExpiresAt <= Now))
        {
            Expire(run);
            expired++;
        }

        var removed = Runs.RemoveAll(run => run.IsEnded && run.RemoveAt <= Now)
            + _sessions.RemoveAll(session => session.RemoveAt <= Now)
            + _keys.RemoveAll(key => key.RemoveAt <= Now);
        return new() { Recovered = recovered, Failed = failed, Cancelled = cancelled, Expired = expired, Removed = removed };
    }

    private void Tell(ModelRun run, IReadOnlyList<AgentRunEvent> events)
    {
        foreach (var told in events)
        {
            run.Tell(told, Now);
        }
    }

    private ModelRun? FindHeld(RunLease lease) => Find(lease.RunId) is { Lease: { } held } run && held.Token == lease.Token ? run : null;

    private RunWriteOutcome WasEnded(RunLease lease, Func<ModelRun, string?> token) =>
        Find(lease.RunId) is { Lease: null } run && token(run) == lease.Token ? RunWriteOutcome.AlreadyCommitted : RunWriteOutcome.LeaseLost;
}
