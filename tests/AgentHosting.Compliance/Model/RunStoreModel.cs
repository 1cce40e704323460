using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <summary>
/// What a run store must answer, written as plainly as it can be: lists that are walked, no index, no place that is kept where it follows from facts.
/// </summary>
internal sealed partial class RunStoreModel(RunStoreOptions options)
{
    private readonly List<ModelSession> _sessions = [];
    private readonly List<ModelKey> _keys = [];

    /// <summary>The store's clock.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>The runs that are kept, in the order of their acceptance.</summary>
    public List<ModelRun> Runs { get; } = [];

    public IReadOnlyList<ModelSession> Sessions => _sessions;

    public ModelRun? Find(string id) => Runs.Find(run => run.Id == id);

    public ModelSession? FindSession(AgentIdentity owner, string? id) => _sessions.Find(
        session => session.Id == id && session.Owner.UserId == owner.UserId && session.Owner.TenantId == owner.TenantId);

    /// <summary>Whether no run before it in its session is unfinished.</summary>
    public bool IsFirst(ModelRun run) => run.Session is null || HeadOf(run.Session) == run;

    public bool IsReady(ModelRun run) => run.Status == AgentRunStatus.Queued && run.NotBefore <= Now && IsFirst(run);

    public RunEnqueueResult Enqueue(RunSubmission submission)
    {
        if (FindByKey(submission) is { } known)
        {
            return known;
        }

        if (Find(submission.Id) is not null)
        {
            return new() { Outcome = RunEnqueueOutcome.Replayed, RunId = submission.Id };
        }

        var head = submission.SessionId is null ? null : HeadOf(FindSession(submission.Identity, submission.SessionId));
        if (head is not null && RefuseBehind(head, submission) is { } refused)
        {
            return refused;
        }

        if (IsFull(ModelRun.SizeOf(submission)))
        {
            return new() { Outcome = RunEnqueueOutcome.Full };
        }

        if (submission.IdempotencyKey is { } key)
        {
            _keys.Add(new(
                submission.Identity.TenantId, submission.Identity.UserId, key, submission.Id, submission.Fingerprint, Now + options.IdempotencyRetention));
        }

        Accept(new ModelRun(submission, Now));
        if (head is not null)
        {
            MakeWay(head, submission);
        }

        return new() { Outcome = RunEnqueueOutcome.Enqueued, RunId = submission.Id };
    }

    public RunEnqueueResult? FindByKey(RunSubmission submission)
    {
        var known = submission.IdempotencyKey is null ? null : _keys.FindLast(key => !key.IsForgotten && key.Key == submission.IdempotencyKey
            && key.TenantId == submission.Identity.TenantId && key.UserId == submission.Identity.UserId && key.RemoveAt > Now);
        return known is null ? null : new()
        {
            RunId = known.RunId,
            Outcome = known.RunId == submission.Id || known.Fingerprint == submission.Fingerprint ? RunEnqueueOutcome.Replayed : RunEnqueueOutcome.IdempotencyConflict,
        };
    }

    public RunCancelOutcome Cancel(string id)
    {
        switch (Find(id))
        {
            case null:
                return RunCancelOutcome.NotFound;
            case { IsEnded: true }:
                return RunCancelOutcome.AlreadyTerminal;
            case { Status: AgentRunStatus.Running } running:
                running.IsCancelRequested = true;
                return RunCancelOutcome.Requested;
            case var run:
                End(run, AgentRunStatus.Cancelled);
                return RunCancelOutcome.Cancelled;
        }
    }

    public RunRequeueResult Requeue(string id, RunRequeue requeue)
    {
        if (Find(id) is not { } failed)
        {
            return new() { Outcome = RunRequeueOutcome.NotFound };
        }

        if (failed.RequeuedAs is { } known)
        {
            return new() { Outcome = known == requeue.NewRunId ? RunRequeueOutcome.Requeued : RunRequeueOutcome.AlreadyRequeued, RunId = known };
        }

        if (failed.Status != AgentRunStatus.Failed || IsFull(requeue.KeepJournal ? failed.Bytes : ModelRun.SizeOf(failed.Submission)))
        {
            return new() { Outcome = failed.Status != AgentRunStatus.Failed ? RunRequeueOutcome.NotFailed : RunRequeueOutcome.Full };
        }

        var first = failed.Submission;
        var next = new ModelRun(
            new()
            {
                Id = requeue.NewRunId,
                Agent = first.Agent,
                Message = first.Message,
                Identity = first.Identity,
                SessionId = first.SessionId,
                OnBusy = first.OnBusy,
                Priority = first.Priority,
                Weight = first.Weight,
                ExpireAfter = requeue.ExpireAfter,
                Metadata = first.Metadata,
                TraceParent = first.TraceParent,
            },
            Now)
        {
            OriginId = failed.OriginId ?? id,
            Replaces = id,
        };
        next.Kept.AddRange(failed.Kept);
        next.Raised.UnionWith(requeue.KeepJournal ? failed.Raised : failed.Kept.Select(static signal => signal.Id).OfType<string>());
        if (requeue.KeepJournal)
        {
            next.Steps.AddRange(failed.Steps.Select(static entry => (entry.Step, 0)));
            next.Begun.UnionWith(failed.Begun);
            next.EffectStep = failed.EffectStep;
            next.JournalVersion = failed.JournalVersion;
        }

        failed.RequeuedAs = next.Id;
        failed.RemoveAt = Now + options.Retention;
        failed.Revision++;
        Accept(next);
        return new() { Outcome = RunRequeueOutcome.Requeued, RunId = next.Id };
    }

    public RunRemoveOutcome Remove(string id)
    {
        switch (Find(id))
        {
            case null:
                return RunRemoveOutcome.NotFound;
            case { IsEnded: false }:
                return RunRemoveOutcome.NotEnded;
            case var run:
                Runs.Remove(run);
                return RunRemoveOutcome.Removed;
        }
    }

    public SessionDeleteOutcome DeleteSession(AgentIdentity owner, string id)
    {
        switch (FindSession(owner, id))
        {
            case null:
                return SessionDeleteOutcome.NotFound;
            case { RemoveAt: null }:
                return SessionDeleteOutcome.Busy;
            case var session:
                _sessions.Remove(session);
                return SessionDeleteOutcome.Deleted;
        }
    }

    public UserErasure EraseUser(AgentIdentity user, int limit)
    {
        bool IsOf(AgentIdentity owner) => (owner.UserId, owner.TenantId) == (user.UserId, user.TenantId);
        var (erased, running, isMore) = (0, 0, false);
        foreach (var run in Runs.FindAll(run => IsOf(run.Submission.Identity)))
        {
            if (run.Status == AgentRunStatus.Running)
            {
                run.IsCancelRequested = true;
                running++;
            }
            else if (erased < limit)
            {
                erased++;
                Erase(run);
            }
            else
            {
                isMore = true;
                break;
            }
        }

        var idle = isMore ? [] : _sessions.FindAll(session => IsOf(session.Owner) && session.RemoveAt is not null);
        isMore |= idle.Count > limit - erased;
        idle = [.. idle.Take(limit - erased)];
        idle.ForEach(session => _sessions.Remove(session));
        return new() { Runs = erased, Sessions = idle.Count, Running = running, IsComplete = !isMore && running == 0 };
    }

    public List<string> List(RunQuery query) =>
        [.. Runs.Where(run =>
            (query.Status ?? run.Status) == run.Status
            && (query.Agent ?? run.Submission.Agent) == run.Submission.Agent
            && (query.TenantId ?? run.Tenant) == run.Tenant
            && (query.UserId ?? run.Submission.Identity.UserId) == run.Submission.Identity.UserId
            && (query.SessionId is null || query.SessionId == run.Submission.SessionId)
            && (query.IsDeadLetter is null || query.IsDeadLetter == IsDeadLetter(run))).Reverse().Select(static run => run.Id)];

    public RunStoreStatistics Statistics()
    {
        AnswerAllDue();
        var ready = Runs.FindAll(IsReady);
        return new()
        {
            Ready = ready.Count,
            Blocked = Runs.Count(static run => run.Status == AgentRunStatus.Queued) - ready.Count,
            Waiting = Runs.Count(static run => run.Status == AgentRunStatus.Waiting),
            Running = Runs.Count(static run => run.Status == AgentRunStatus.Running),
            Retained = Runs.Count(static run => run.IsEnded),
            DeadLetters = Runs.Count(IsDeadLetter),
            UnfinishedBytes = Runs.Where(static run => !run.IsEnded).Sum(static run => run.Bytes),
            OldestReadyAge = ready.Count == 0 ? TimeSpan.Zero : ready.Max(run => Now - (run.NotBefore > run.QueuedSince ? run.NotBefore : run.QueuedSince)),
        };
    }

    private bool IsFull(long more) => Runs.Count(static run => !run.IsEnded) >= options.MaxUnfinishedRuns
        || Runs.Where(static run => !run.IsEnded).Sum(static run => run.Bytes) + more > options.MaxUnfinishedBytes;

    private static bool IsDeadLetter(ModelRun run) => run.Status == AgentRunStatus.Failed && run.RequeuedAs is null;

    private ModelRun? HeadOf(ModelSession? session) => session is null ? null : Runs.Find(run => run.Session == session && !run.IsEnded);

    private void Accept(ModelRun run)
    {
        if (run.Submission.SessionId is { } id)
        {
            run.Session = FindSession(run.Submission.Identity, id);
            if (run.Session is null)
            {
                run.Session = new ModelSession(run.Submission.Identity, id);
                _sessions.Add(run.Session);
            }

            run.Session.RemoveAt = null;
        }

        Runs.Add(run);
        run.Tell(new() { Type = AgentRunEventTypes.RunQueued, RunId = run.Id, Agent = run.Submission.Agent }, Now);
    }
}
