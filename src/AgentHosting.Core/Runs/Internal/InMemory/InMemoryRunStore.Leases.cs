namespace AgentHosting.Runs.Internal.InMemory;

/// <content>What an attempt writes, fenced by its token. The token fences, not the clock: a lease that has ended counts until somebody else takes the run.</content>
internal sealed partial class InMemoryRunStore
{
    public IReadOnlyList<RunRenewalOutcome> Renew(IReadOnlyList<RunLease> leases, TimeSpan leaseDuration)
    {
        ArgumentNullException.ThrowIfNull(leases);
        var outcomes = new RunRenewalOutcome[leases.Count];
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            for (var i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] = FindHeld(leases[i]) is { } run ? Renew(run, now, leaseDuration) : RunRenewalOutcome.Lost;
            }
        }

        return outcomes;
    }

    public ValueTask<RunWriteOutcome> CommitStepAsync(
        RunLease lease, RunStep step, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(events);
        lock (_lock)
        {
            if (FindHeld(lease) is not { } run)
            {
                return ValueTask.FromResult(RunWriteOutcome.LeaseLost);
            }

            if (!AddStep(run, step))
            {
                return ValueTask.FromResult(RunWriteOutcome.AlreadyCommitted);
            }

            Publish(run, events, timeProvider.GetUtcNow());
            return ValueTask.FromResult(RunWriteOutcome.Committed);
        }
    }

    public ValueTask<RunWriteOutcome> NoteStepAsync(RunLease lease, RunStepNote note, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(note);
        lock (_lock)
        {
            return ValueTask.FromResult(
                FindHeld(lease) is not { } run ? RunWriteOutcome.LeaseLost
                : run.Note(note) ? RunWriteOutcome.Committed
                : RunWriteOutcome.AlreadyCommitted);
        }
    }

    public ValueTask<RunWriteOutcome> AppendEventsAsync(
        RunLease lease, long batch, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentNullException.ThrowIfNull(events);
        lock (_lock)
        {
            if (FindHeld(lease) is not { } run)
            {
                return ValueTask.FromResult(RunWriteOutcome.LeaseLost);
            }

            if (batch <= run.LastBatch)
            {
                return ValueTask.FromResult(RunWriteOutcome.AlreadyCommitted);
            }

            run.LastBatch = batch;
            Publish(run, events, timeProvider.GetUtcNow());
            return ValueTask.FromResult(RunWriteOutcome.Committed);
        }
    }

    public ValueTask<RunWriteOutcome> CompleteAsync(RunLease lease, RunCompletion completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(completion);
        if (!completion.Status.IsTerminal())
        {
            throw new ArgumentException($"{completion.Status} does not end a run. Use Succeeded, Failed, Cancelled or Expired.", nameof(completion));
        }

        lock (_lock)
        {
            if (FindHeld(lease) is not { } run)
            {
                return ValueTask.FromResult(WasEndedBy(lease, static run => run.CompletedToken));
            }

            var now = timeProvider.GetUtcNow();
            run.CompletedToken = lease.Token;
            AddTurn(run, completion);
            run.AddCost(completion.Cost);
            run.EndAttempt(now, failed: completion.Status == AgentRunStatus.Failed);
            End(run, completion.Status, completion.Result, completion.Error, now, hasTurn: true);
            return ValueTask.FromResult(RunWriteOutcome.Committed);
        }
    }

    public ValueTask<RunWriteOutcome> ReleaseAsync(RunLease lease, RunRelease release, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        lock (_lock)
        {
            if (FindHeld(lease) is not { } run)
            {
                return ValueTask.FromResult(WasEndedBy(lease, static run => run.ReleasedToken));
            }

            var now = timeProvider.GetUtcNow();
            run.ReleasedToken = lease.Token;
            run.AddCost(release.Cost);
            run.EndAttempt(now, failed: release.Failed, uncounted: release is { Failed: false, Interrupted: false });
            if (run.CancelRequested)
            {
                End(run, AgentRunStatus.Cancelled, null, null, now);
            }
            else if (run.ExpiresAt <= now)
            {
                Expire(run, now);
            }
            else
            {
                Displace(run);
                run.DelayFor(release.Delay, now);
                Place(run, now);
            }

            return ValueTask.FromResult(RunWriteOutcome.Committed);
        }
    }

    private RunRenewalOutcome Renew(RunRecord run, DateTimeOffset now, TimeSpan leaseDuration)
    {
        _leases.Remove(run.LeaseExpiresAt, run.Number, run);
        run.Renew(now, leaseDuration, LeaseEnd(now, leaseDuration));
        _leases.Add(run.LeaseExpiresAt, run.Number, run);
        if (run.CancelRequested)
        {
            return RunRenewalOutcome.CancelRequested;
        }

        return run.ExpiresAt <= now ? RunRenewalOutcome.Expired : RunRenewalOutcome.Held;
    }

    /// <summary>From the last sweep on at least: where the clock was set back since then, and is set right before the next one, the lease would have ended.</summary>
    private DateTimeOffset LeaseEnd(DateTimeOffset now, TimeSpan leaseDuration) => (now > _sweptAt ? now : _sweptAt).After(leaseDuration);

    private RunRecord? FindHeld(RunLease lease)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return _runs.TryGetValue(lease.RunId, out var run) && run.Lease?.Token == lease.Token ? run : null;
    }

    /// <summary>A repeated release or completion is recognized by the token until another worker has the run.</summary>
    private RunWriteOutcome WasEndedBy(RunLease lease, Func<RunRecord, string?> token) =>
        _runs.TryGetValue(lease.RunId, out var run) && run.Lease is null && token(run) == lease.Token
            ? RunWriteOutcome.AlreadyCommitted
            : RunWriteOutcome.LeaseLost;

    /// <returns>False when the key is taken.</returns>
    private bool AddStep(RunRecord run, RunStep step)
    {
        var before = run.Bytes;
        var isNew = run.AddStep(step);
        _unfinishedBytes += run.Bytes - before;
        return isNew;
    }
}
