namespace AgentHosting.Runs.Internal.InMemory;

/// <content>What belongs to whom, and how it is erased.</content>
internal sealed partial class InMemoryRunStore
{
    private readonly Dictionary<string, OwnerRecord> _owners = new(StringComparer.Ordinal);

    public ValueTask<UserErasure> EraseUserAsync(AgentIdentity user, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        List<RunRecord> running = [];
        UserErasure erasure;
        lock (_lock)
        {
            erasure = Erase(OwnerKey(user), limit, running, timeProvider.GetUtcNow());
        }

        running.ForEach(run => _cancellationSubscribers.Tell(run.Id));
        return ValueTask.FromResult(erasure);
    }

    private UserErasure Erase(string key, int limit, List<RunRecord> running, DateTimeOffset now)
    {
        if (!_owners.TryGetValue(key, out var owner))
        {
            return new UserErasure { IsComplete = true };
        }

        var isMore = false;
        var runs = new List<RunRecord>();
        foreach (var run in owner.Runs.Values)
        {
            if (run.Place == RunPlace.Running)
            {
                run.CancelRequested = true;
                running.Add(run);
            }
            else if (runs.Count < limit)
            {
                runs.Add(run);
            }
            else
            {
                isMore = true;
                break;
            }
        }

        runs.ForEach(run => Erase(run, key, now));
        var sessions = isMore ? [] : owner.Sessions.Values.Where(static session => session.Runs.Count == 0).ToList();
        isMore |= sessions.Count > limit - runs.Count;
        foreach (var session in sessions = [.. sessions.Take(limit - runs.Count)])
        {
            RemoveSession(session);
        }

        return new UserErasure { Runs = runs.Count, Sessions = sessions.Count, Running = running.Count, IsComplete = !isMore && running.Count == 0 };
    }

    private void Erase(RunRecord run, string owner, DateTimeOffset now)
    {
        if (run.Place != RunPlace.Terminal)
        {
            Displace(run);
            _unfinishedBytes -= run.Bytes;
            _expiring.Remove(run.ExpiresAt, run.Number, run);
            LeaveSession(run, now);
        }

        if (run.Submission.IdempotencyKey is { } key && _idempotency.TryGetValue((owner, key), out var record) && record.RunId == run.Id)
        {
            _idempotency.Remove(record.Key);
        }

        Remove(run);
    }

    private OwnerRecord Owner(string key)
    {
        if (!_owners.TryGetValue(key, out var owner))
        {
            owner = new OwnerRecord();
            _owners.Add(key, owner);
        }

        return owner;
    }

    private void ForgetIfEmpty(string key)
    {
        if (_owners.TryGetValue(key, out var owner) && owner.Runs.Count == 0 && owner.Sessions.Count == 0)
        {
            _owners.Remove(key);
        }
    }

    private void AddToOwner(RunRecord run) => Owner(OwnerKey(run.Submission.Identity)).Runs.Add(run.Number, run);

    private void AddToOwner(SessionRecord session) => Owner(session.Owner).Sessions.Add(session.Number, session);

    private void RemoveFromOwner(RunRecord run)
    {
        var key = OwnerKey(run.Submission.Identity);
        _owners[key].Runs.Remove(run.Number);
        ForgetIfEmpty(key);
    }

    private void RemoveFromOwner(SessionRecord session)
    {
        _owners[session.Owner].Sessions.Remove(session.Number);
        ForgetIfEmpty(session.Owner);
    }
}
