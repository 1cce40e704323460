namespace AgentHosting.Runs.Internal.InMemory;

/// <content>Sessions and idempotency keys.</content>
internal sealed partial class InMemoryRunStore
{
    private readonly Dictionary<string, SessionRecord> _sessions = new(StringComparer.Ordinal);
    private readonly TimeIndex<SessionRecord> _idleSessions = new();
    private readonly Dictionary<(string Owner, string Key), IdempotencyRecord> _idempotency = [];
    private readonly Queue<IdempotencyRecord> _idempotencyByAge = new();

    public ValueTask<SessionTranscript?> GetSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        lock (_lock)
        {
            return ValueTask.FromResult(_sessions.GetValueOrDefault(SessionKey(owner, sessionId))?.ToTranscript());
        }
    }

    public ValueTask<SessionDeleteOutcome> DeleteSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(sessionId);
        lock (_lock)
        {
            if (!_sessions.TryGetValue(SessionKey(owner, sessionId), out var session))
            {
                return ValueTask.FromResult(SessionDeleteOutcome.NotFound);
            }

            if (session.Runs.Count > 0)
            {
                return ValueTask.FromResult(SessionDeleteOutcome.Busy);
            }

            RemoveSession(session);
            return ValueTask.FromResult(SessionDeleteOutcome.Deleted);
        }
    }

    // The lengths keep ("a", "b:c") and ("a:b", "c") apart. Two tenants may have users of the same name.
    private static string OwnerKey(AgentIdentity owner) => $"{owner.TenantId?.Length}:{owner.TenantId}:{owner.UserId.Length}:{owner.UserId}";

    private static string SessionKey(AgentIdentity owner, string sessionId) => $"{OwnerKey(owner)}:{sessionId}";

    private SessionRecord? FindSession(RunSubmission submission) => submission.SessionId is null
        ? null
        : _sessions.GetValueOrDefault(SessionKey(submission.Identity, submission.SessionId));

    private void JoinSession(RunRecord run)
    {
        if (run.Submission.SessionId is not { } sessionId)
        {
            return;
        }

        var key = SessionKey(run.Submission.Identity, sessionId);
        if (!_sessions.TryGetValue(key, out var session))
        {
            session = new SessionRecord(OwnerKey(run.Submission.Identity), key, sessionId, run.Number);
            _sessions.Add(key, session);
            AddToOwner(session);
        }
        else if (session.Runs.Count == 0)
        {
            _idleSessions.Remove(session.RemoveAt, session.IdleNumber, session);
        }

        run.SessionNode = session.Runs.AddLast(run);
        run.Session = session;
    }

    private static void AddTurn(RunRecord run, RunCompletion completion)
    {
        if (run.Session is { } session && !completion.SessionMessages.IsEmpty)
        {
            session.AddTurn(new SessionTurn { RunId = run.Id, Messages = completion.SessionMessages, Version = completion.Version }, run.Replaces);
        }
    }

    /// <summary>The turn of a run that no attempt ended: what it said and did is in its journal. One that never began has said nothing, and nobody has heard its message.</summary>
    private static void AddTurnFromJournal(RunRecord run)
    {
        if (run.Session is { } session && run.HasBegun)
        {
            session.AddTurn(run.ToTurn(), run.Replaces);
        }
    }

    private void LeaveSession(RunRecord run, DateTimeOffset now)
    {
        if (run.Session is not { } session)
        {
            return;
        }

        var wasFirst = session.Runs.First == run.SessionNode;
        session.Runs.Remove(run.SessionNode!);
        run.Session = null;
        run.SessionNode = null;
        if (session.Runs.First is { } next)
        {
            if (wasFirst)
            {
                _blocked--;
                Place(next.Value, now);
            }
        }
        else if (session.HasTurns)
        {
            session.RemoveAt = now.After(_options.SessionRetention);
            session.IdleNumber = ++_numbers;
            _idleSessions.Add(session.RemoveAt, session.IdleNumber, session);
            while (_sessions.Count > _options.MaxSessions && _idleSessions.Oldest is { } oldest)
            {
                RemoveSession(oldest);
            }
        }
        else
        {
            RemoveSession(session);
        }
    }

    private void RemoveSession(SessionRecord session)
    {
        _idleSessions.Remove(session.RemoveAt, session.IdleNumber, session);
        _sessions.Remove(session.Key);
        RemoveFromOwner(session);
    }

    private IdempotencyRecord? FindIdempotent(string owner, string key, DateTimeOffset now) =>
        _idempotency.TryGetValue((owner, key), out var record) && record.RemoveAt > now ? record : null;

    private void RememberIdempotencyKey(RunSubmission submission, DateTimeOffset now)
    {
        if (submission.IdempotencyKey is not { } key)
        {
            return;
        }

        var record = new IdempotencyRecord
        {
            Key = (OwnerKey(submission.Identity), key),
            RunId = submission.Id,
            Fingerprint = submission.Fingerprint,
            RemoveAt = now.After(_options.IdempotencyRetention),
        };
        _idempotency[record.Key] = record;
        _idempotencyByAge.Enqueue(record);
        while (_idempotencyByAge.Count > _options.MaxIdempotencyKeys)
        {
            ForgetOldestIdempotencyKey();
        }
    }

    private void ForgetOldestIdempotencyKey()
    {
        var record = _idempotencyByAge.Dequeue();
        if (_idempotency.GetValueOrDefault(record.Key) == record)
        {
            _idempotency.Remove(record.Key);
        }
    }
}
