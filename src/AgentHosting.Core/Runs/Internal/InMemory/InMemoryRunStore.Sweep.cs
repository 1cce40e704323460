namespace AgentHosting.Runs.Internal.InMemory;

/// <content>Tidying up.</content>
internal sealed partial class InMemoryRunStore
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);
    private DateTimeOffset _sweptAt;
    private (DateTimeOffset Time, long Timestamp) _looked = (timeProvider.GetUtcNow(), timeProvider.GetTimestamp());

    public ValueTask<RunSweepResult> SweepAsync(RunSweepRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            AnswerAllDue(now, request.Limit);
            FollowClockForward(now);
            // Leases first: a run whose worker died and whose time is up can then expire in the same round.
            var (recovered, failed, cancelled) = RecoverLeases(request, now);
            _sweptAt = now;
            return ValueTask.FromResult(new RunSweepResult
            {
                Recovered = recovered,
                Failed = failed,
                Cancelled = cancelled,
                Expired = ExpireRuns(request.Limit, now),
                Removed = RemoveOld(request.Limit, now),
            });
        }
    }

    /// <summary>A clock that was set forward, or goes on after the machine has slept, ends no lease: workers are in this process, and had no more time than it had to renew theirs.</summary>
    private void FollowClockForward(DateTimeOffset now)
    {
        var ahead = now - _looked.Time - timeProvider.GetElapsedTime(_looked.Timestamp);
        _looked = (now, timeProvider.GetTimestamp());
        if (ahead <= ClockTolerance)
        {
            return;
        }

        foreach (var run in _leases.Due(DateTimeOffset.MaxValue, int.MaxValue))
        {
            _leases.Remove(run.LeaseExpiresAt, run.Number, run);
            run.MoveLease(ahead);
            _leases.Add(run.LeaseExpiresAt, run.Number, run);
        }
    }

    private (int Recovered, int Failed, int Cancelled) RecoverLeases(RunSweepRequest request, DateTimeOffset now)
    {
        var (recovered, failed, cancelled) = (0, 0, 0);
        foreach (var run in _leases.Due(now, request.Limit))
        {
            run.EndAttempt(now, crashed: true);
            if (run.CancelRequested)
            {
                End(run, AgentRunStatus.Cancelled, null, null, now);
                cancelled++;
            }
            else if (run.Crashes > request.MaxCrashes)
            {
                End(run, AgentRunStatus.Failed, null, TooManyCrashes(run, request.MaxCrashes), now);
                failed++;
            }
            else
            {
                Displace(run);
                Place(run, now);
                recovered++;
            }
        }

        return (recovered, failed, cancelled);
    }

    private static AgentRunError TooManyCrashes(RunRecord run, int allowed) => new()
    {
        Code = AgentRunErrorCodes.CrashLimit,
        Message = $"{run.Crashes} workers were lost while they held the run, more than the {allowed} allowed.",
    };

    private int ExpireRuns(int limit, DateTimeOffset now)
    {
        var expired = 0;
        foreach (var run in _expiring.Due(now, limit + _leases.Count))
        {
            // A running one is left to its worker, which learns of it at the next renewal.
            if (run.Place != RunPlace.Running && expired < limit)
            {
                Expire(run, now);
                expired++;
            }
        }

        return expired;
    }

    private int RemoveOld(int limit, DateTimeOffset now)
    {
        var removed = 0;
        foreach (var run in (RunRecord[])[.. _ended.Due(now, limit), .. _deadLetters.Due(now, limit)])
        {
            Remove(run);
            removed++;
        }

        foreach (var session in _idleSessions.Due(now, limit))
        {
            RemoveSession(session);
            removed++;
        }

        for (var i = 0; i < limit && _idempotencyByAge.TryPeek(out var oldest) && oldest.RemoveAt <= now; i++)
        {
            ForgetOldestIdempotencyKey();
            removed++;
        }

        return removed;
    }

    private void Remove(RunRecord run)
    {
        Release(run);
        _runs.Remove(run.Id);
        _byAge.Remove(run);
        RemoveFromOwner(run);
        if (_watchers.TryGetValue(run.Id, out var watchers))
        {
            watchers.Signal.Wake();
        }
    }
}
