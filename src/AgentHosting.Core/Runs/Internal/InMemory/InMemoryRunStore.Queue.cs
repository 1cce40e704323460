namespace AgentHosting.Runs.Internal.InMemory;

/// <content>Where unfinished runs are, and how they get from one place to the next.</content>
internal sealed partial class InMemoryRunStore
{
    private const int MaxPromotions = 64;
    private readonly TimeIndex<RunRecord> _readyByAge = new();

    public IReadOnlyList<ClaimedRun> Claim(RunClaimRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var room = new Dictionary<string, int>(request.Agents, StringComparer.Ordinal);
        var claims = new List<ClaimedRun>();
        var suspects = request.MaxSuspects;
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            PromoteDelayed(now, MaxPromotions);
            AnswerAllDue(now, MaxPromotions);
            while (claims.Count < request.MaxRuns && _ready.Take(room, request.JournalVersion, suspects > 0) is { } run)
            {
                _readyByAge.Remove(run.ReadyAt, run.Number, run);
                if (run.ExpiresAt <= now)
                {
                    _ready.EndRunning(run);
                    run.Place = RunPlace.None;
                    Expire(run, now);
                    continue;
                }

                run.Place = RunPlace.Running;
                run.Begin(request.WorkerId, now, request.LeaseDuration, LeaseEnd(now, request.LeaseDuration));
                _leases.Add(run.LeaseExpiresAt, run.Number, run);
                room[run.Submission.Agent]--;
                suspects -= run.IsSuspect ? 1 : 0;
                Publish(run, new AgentRunEvent { Type = AgentRunEventTypes.RunStarted, RunId = run.Id, Attempt = run.Attempts }, now);
                claims.Add(run.ToClaim());
            }
        }

        return claims;
    }

    public ValueTask WaitForWorkAsync(TimeSpan maxWait, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (NextDue is { } due)
            {
                var untilDue = due - timeProvider.GetUtcNow();
                maxWait = untilDue < maxWait ? (untilDue > TimeSpan.Zero ? untilDue : TimeSpan.Zero) : maxWait;
            }
        }

        return _work.WaitAsync(HasWork, maxWait, timeProvider, cancellationToken);
    }

    private DateTimeOffset? NextDue => _waiting.NextDue is { } answered && (_delayed.NextDue is not { } delayed || answered < delayed) ? answered : _delayed.NextDue;

    private bool HasWork()
    {
        lock (_lock)
        {
            return _ready.HasTurn || NextDue <= timeProvider.GetUtcNow();
        }
    }

    /// <summary>Puts a run that is in no place where it belongs now.</summary>
    private void Place(RunRecord run, DateTimeOffset now, DateTimeOffset? readySince = null)
    {
        if (run.Session is { Runs.First: { } first } && first.Value != run)
        {
            run.Place = RunPlace.Blocked;
            _blocked++;
        }
        else if (run.MoveNotBefore(now) > now)
        {
            run.Place = RunPlace.Delayed;
            _delayed.Add(run.NotBefore, run.Number, run);
            // A waiting worker may have planned to sleep for longer than this run has to wait.
            _work.Wake(1);
        }
        else
        {
            run.Place = RunPlace.Ready;
            run.ReadyAt = readySince ?? now;
            _readyByAge.Add(run.ReadyAt, run.Number, run);
            _ready.Add(run);
            _work.Wake(1);
        }
    }

    /// <summary>Takes a run out of its place.</summary>
    private void Displace(RunRecord run)
    {
        switch (run.Place)
        {
            case RunPlace.Ready:
                _ready.Remove(run);
                _readyByAge.Remove(run.ReadyAt, run.Number, run);
                break;
            case RunPlace.Delayed:
                _delayed.Remove(run.NotBefore, run.Number, run);
                break;
            case RunPlace.Blocked:
                _blocked--;
                break;
            case RunPlace.Waiting:
                TakeUp(run, timeProvider.GetUtcNow());
                break;
            case RunPlace.Running:
                _leases.Remove(run.LeaseExpiresAt, run.Number, run);
                _ready.EndRunning(run);
                // The tenant may have been at its limit.
                _work.Wake(1);
                break;
            default:
                break;
        }

        run.Place = RunPlace.None;
    }

    private void PromoteDelayed(DateTimeOffset now, int limit)
    {
        foreach (var run in _delayed.Due(now, limit))
        {
            _delayed.Remove(run.NotBefore, run.Number, run);
            Place(run, now, readySince: run.NotBefore);
        }
    }

    private void Expire(RunRecord run, DateTimeOffset now) => End(
        run,
        AgentRunStatus.Expired,
        null,
        new AgentRunError { Code = AgentRunErrorCodes.Expired, Message = "The run was not done before it expired." },
        now);

    /// <summary>Ends a run for good: record, event, its place and its session's next run in one step. Where the session has its turn, or is to have none, none is made.</summary>
    private void End(RunRecord run, AgentRunStatus status, string? result, AgentRunError? error, DateTimeOffset now, bool hasTurn = false)
    {
        Displace(run);
        run.EndAttempt(now);
        if (!hasTurn)
        {
            AddTurnFromJournal(run);
        }

        run.Complete(status, result, error, now);
        run.Place = RunPlace.Terminal;
        _unfinishedBytes -= run.Bytes;
        _expiring.Remove(run.ExpiresAt, run.Number, run);
        Retain(run, now);
        var snapshot = run.ToSnapshot();
        Publish(
            run,
            new AgentRunEvent
            {
                Type = RunEventTypeOf(status),
                RunId = run.Id,
                Attempt = run.Attempts == 0 ? null : run.Attempts,
                Result = result,
                Error = error,
                Usage = snapshot.Usage,
                Cost = snapshot.Cost,
            },
            now);
        LeaveSession(run, now);
        ForgetOldest();
    }

    private static string RunEventTypeOf(AgentRunStatus status) => status switch
    {
        AgentRunStatus.Succeeded => AgentRunEventTypes.RunCompleted,
        AgentRunStatus.Failed => AgentRunEventTypes.RunFailed,
        AgentRunStatus.Cancelled => AgentRunEventTypes.RunCancelled,
        AgentRunStatus.Expired => AgentRunEventTypes.RunExpired,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A run ends as Succeeded, Failed, Cancelled or Expired."),
    };
}
