namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>All that the store knows of a run. Touched only under the store's lock.</summary>
internal sealed class RunRecord(RunSubmission submission, long number, DateTimeOffset createdAt, int maxEvents)
{
    private readonly List<(RunStep Step, long Epoch)> _steps = [];
    private readonly HashSet<string> _stepKeys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _begunSteps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunStepNote> _notes = new(StringComparer.Ordinal);
    private HashSet<string> _begunBefore = [];
    private TimeSpan _delay = submission.Delay;
    private DateTimeOffset _renewedAt;
    private TimeSpan _leaseDuration;
    private AgentRun? _snapshot;
    private int _version = 1;

    public string Id => Submission.Id;

    public RunSubmission Submission { get; } = submission;

    public string Tenant { get; } = submission.Identity.GetTenantOrUser();

    /// <summary>The order of acceptance.</summary>
    public long Number { get; } = number;

    public SessionRecord? Session { get; set; }

    /// <summary>Its place in the session's row.</summary>
    public LinkedListNode<RunRecord>? SessionNode { get; set; }

    public RunPlace Place { get; set; }

    public AgentRunStatus Status { get; private set; } = AgentRunStatus.Queued;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public DateTimeOffset ExpiresAt { get; private set; } = createdAt.After(submission.ExpireAfter);

    /// <summary>When a delayed run may start.</summary>
    public DateTimeOffset NotBefore { get; private set; } = createdAt.After(submission.Delay);

    /// <summary>Since when it could start.</summary>
    public DateTimeOffset ReadyAt { get; set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>When the ended run is to be removed.</summary>
    public DateTimeOffset RemoveAt { get; set; }

    /// <summary>The order of ends: many runs may end at the same time.</summary>
    public long EndNumber { get; set; }

    public long Epoch { get; private set; }

    public RunLease? Lease { get; private set; }

    public DateTimeOffset LeaseExpiresAt { get; private set; }

    public bool CancelRequested { get; set; }

    public int Attempts { get; private set; }

    public int Failures { get; private set; }

    public int Crashes { get; private set; }

    public bool IsSuspect => Crashes >= RunClaimRequest.SuspectCrashes;

    /// <summary>The number of the last events batch of the current attempt.</summary>
    public long LastBatch { get; set; }

    /// <summary>The token of the attempt that completed the run, by which a repeated command is recognized.</summary>
    public string? CompletedToken { get; set; }

    /// <summary>The token of the last attempt that gave the run back, by which a repeated command is recognized.</summary>
    public string? ReleasedToken { get; set; }

    public RunEventLog Events { get; } = new(maxEvents);

    /// <summary>Whether a worker has ever had it.</summary>
    public bool HasBegun => StartedAt is not null;

    /// <summary>The first step with effects that was done or begun.</summary>
    public string? EffectStep { get; private set; }

    /// <summary>The first of the runs that were requeued one from another.</summary>
    public string? OriginId { get; private init; }

    /// <summary>The run whose turn in the session this one's is to replace.</summary>
    public string? Replaces { get; private init; }

    public string? RequeuedAs { get; private set; }

    public bool IsDeadLetter => Status == AgentRunStatus.Failed && RequeuedAs is null;

    /// <summary>The newest version of the journal's format that a worker must read to execute the run.</summary>
    public int Version => Math.Max(_version, Session?.Version ?? 1);

    /// <summary>The version by which it stands in its tenant's queue.</summary>
    public int QueuedVersion { get; set; }

    public RunWaits Waits { get; } = new();

    /// <summary>Its message, labels and journal.</summary>
    public long Bytes { get; private set; } = submission.Size;

    /// <summary>Whether an answer has come that the current attempt did not find in its journal.</summary>
    public bool HasNewAnswer { get; set; }

    /// <summary>Its place in the index of runs whose waiting ends by the clock.</summary>
    public DateTimeOffset? WaitsUntil { get; set; }

    private AgentRunUsage Usage { get; set; } = AgentRunUsage.Zero;

    private decimal Cost { get; set; }

    private string? Result { get; set; }

    private AgentRunError? Error { get; set; }

    private DateTimeOffset? StartedAt { get; set; }

    private DateTimeOffset AttemptStartedAt { get; set; }

    private DateTimeOffset WaitingSince { get; set; }

    private TimeSpan Elapsed { get; set; }

    /// <summary>Delays the next attempt.</summary>
    public void DelayFor(TimeSpan delay, DateTimeOffset now) => (_delay, NotBefore) = (delay, now.After(delay));

    /// <summary>When it may start: a clock that was set back makes no delay longer than it was given for, and none of one that is over.</summary>
    public DateTimeOffset MoveNotBefore(DateTimeOffset now) => NotBefore = NotBefore < now.After(_delay) ? NotBefore : now.After(_delay);

    public void Begin(string workerId, DateTimeOffset now, TimeSpan leaseDuration, DateTimeOffset leaseEnd)
    {
        Epoch++;
        Attempts++;
        ReleasedToken = null;
        Lease = new RunLease { RunId = Id, Epoch = Epoch, WorkerId = workerId, Nonce = Guid.NewGuid().ToString("N"), Attempt = Attempts };
        Lend(now, leaseDuration, leaseEnd);
        LastBatch = 0;
        _delay = TimeSpan.Zero;
        HasNewAnswer = false;
        _begunBefore = _begunSteps.Count == 0 ? [] : new HashSet<string>(_begunSteps, StringComparer.Ordinal);
        StartedAt ??= now;
        AttemptStartedAt = now;
        SetStatus(AgentRunStatus.Running);
    }

    public void Renew(DateTimeOffset now, TimeSpan leaseDuration, DateTimeOffset leaseEnd)
    {
        NoteTime(now);
        Lend(now, leaseDuration, leaseEnd);
    }

    public void MoveLease(TimeSpan ahead) => LeaseExpiresAt = LeaseExpiresAt.After(ahead);

    /// <summary>Ends the current attempt, if there is one.</summary>
    public void EndAttempt(DateTimeOffset now, bool failed = false, bool crashed = false, bool uncounted = false)
    {
        if (Lease is null)
        {
            return;
        }

        Lease = null;
        NoteTime(now);
        Elapsed += now - AttemptStartedAt;
        Failures += failed ? 1 : 0;
        Crashes += crashed ? 1 : 0;
        Attempts -= uncounted ? 1 : 0;
        SetStatus(AgentRunStatus.Queued);
    }

    public void WaitFrom(DateTimeOffset now)
    {
        WaitingSince = now;
        SetStatus(AgentRunStatus.Waiting);
    }

    /// <summary>A run does not age while it waits.</summary>
    public void StopWaiting(DateTimeOffset now)
    {
        ExpiresAt = ExpiresAt.After(now - WaitingSince);
        SetStatus(AgentRunStatus.Queued);
    }

    public void Complete(AgentRunStatus status, string? result, AgentRunError? error, DateTimeOffset now)
    {
        Result = result;
        Error = error;
        CompletedAt = now;
        Waits.Close();
        SetStatus(status);
    }

    /// <summary>The run that goes on from this one, which has failed.</summary>
    public RunRecord Requeue(RunRequeue requeue, long number, DateTimeOffset now, int maxEvents)
    {
        var next = new RunRecord(Submission.Again(requeue), number, now, maxEvents) { OriginId = OriginId ?? Id, Replaces = Id };
        next.Waits.TakeOver(Waits, requeue.KeepJournal);
        if (requeue.KeepJournal)
        {
            // Not counted in usage and cost: they were paid for by another run.
            next._steps.AddRange(_steps.Select(static entry => (entry.Step, 0L)));
            next._stepKeys.UnionWith(_stepKeys);
            next._begunSteps.UnionWith(_begunSteps);
            foreach (var note in _notes.Values)
            {
                next.Note(note);
            }

            next._version = _version;
            next.Bytes = Bytes;
            next.EffectStep = EffectStep;
        }

        RequeuedAs = next.Id;
        _snapshot = null;
        return next;
    }

    public bool Matches(RunQuery query) =>
        (query.Status is null || query.Status == Status)
        && (query.Agent is null || query.Agent == Submission.Agent)
        && (query.TenantId is null || query.TenantId == Tenant)
        && (query.UserId is null || query.UserId == Submission.Identity.UserId)
        && (query.SessionId is null || query.SessionId == Submission.SessionId)
        && (query.IsDeadLetter is null || query.IsDeadLetter == IsDeadLetter);

    /// <returns>False when the key is taken.</returns>
    public bool AddStep(RunStep step)
    {
        if (!_stepKeys.Add(step.Key))
        {
            return false;
        }

        _steps.Add((step, Epoch));
        Bytes += step.Payload.Length;
        EffectStep ??= step.HasEffects ? step.Key : null;
        _begunSteps.Remove(step.Key);
        _notes.Remove(step.Key);
        _version = Math.Max(_version, step.Version);
        Usage = step.Usage is null ? Usage : Usage.Plus(step.Usage);
        Cost += step.Cost ?? 0;
        _snapshot = null;
        return true;
    }

    /// <returns>False when the step is journaled.</returns>
    public bool Note(RunStepNote note)
    {
        if (_stepKeys.Contains(note.Key))
        {
            return false;
        }

        _notes[note.Key] = note;
        _version = Math.Max(_version, note.Version);
        return true;
    }

    public RunStep? FindStep(string key) => _stepKeys.Contains(key) ? _steps.Find(entry => entry.Step.Key == key).Step : null;

    public void Changed() => _snapshot = null;

    /// <summary>Of an attempt that laid the run aside nothing is under way. What one before it began may be.</summary>
    public void ForgetBegun() => _begunSteps.IntersectWith(_begunBefore);

    public void AddCost(decimal cost)
    {
        Cost += cost;
        _snapshot = null;
    }

    public void NoteBegun(AgentRunEvent runEvent)
    {
        EffectStep ??= runEvent.HasEffects ? runEvent.Step : null;
        if (runEvent.Step is { } key && !_stepKeys.Contains(key)
            && runEvent.Type is AgentRunEventTypes.StepStarted or AgentRunEventTypes.StepRestarted or AgentRunEventTypes.TextDelta or AgentRunEventTypes.ReasoningDelta)
        {
            _begunSteps.Add(key);
        }
    }

    public ClaimedRun ToClaim() => new()
    {
        Lease = Lease!,
        Run = ToSnapshot(),
        Journal = _steps.ConvertAll(static entry => entry.Step),
        Session = Session?.ToTranscript(Replaces),
        UnfinishedSteps = [.. _begunSteps],
        Notes = [.. _notes.Values],
        TraceParent = Submission.TraceParent,
    };

    public SessionTurn ToTurn() => new()
    {
        RunId = Id,
        Version = _version,
        Message = Submission.Message,
        // What it began from holds the session's earlier turns, which the session has.
        Journal = [.. _steps.Select(static entry => entry.Step).Where(static step => step.Kind != RunStepKind.Start)],
        PartialText = Events.UnfinishedText(key => _stepKeys.Contains(key) || !RunTranscript.IsOfConversation(key)),
        Unanswered = [.. Waits.Open.Select(static wait => wait.Key)],
    };

    /// <summary>The journal of an ended run is not replayed any more; only what readers see is kept.</summary>
    public void DropPayloads()
    {
        for (var i = 0; i < _steps.Count; i++)
        {
            _steps[i] = (ForReaders(_steps[i]), _steps[i].Epoch);
        }

        _steps.TrimExcess();
        _begunSteps.Clear();
        _notes.Clear();
        _begunBefore.Clear();
        Waits.ForgetKept();
    }

    public AgentRun ToSnapshot() => _snapshot ??= new AgentRun
    {
        Id = Id,
        Agent = Submission.Agent,
        Status = Status,
        Identity = Submission.Identity,
        SessionId = Submission.SessionId,
        Message = Submission.Message,
        Priority = Submission.Priority,
        Metadata = Submission.Metadata,
        Result = Result,
        Error = Error,
        Steps = [.. _steps.Where(static entry => entry.Step.Kind != RunStepKind.Start).Select(ForReaders)],
        Waits = [.. Waits.Open],
        ClosedApprovals = [.. Waits.ClosedApprovals],
        OriginId = OriginId,
        RequeuedAs = RequeuedAs,
        Usage = Usage,
        Cost = Cost,
        Attempts = Attempts,
        Failures = Failures,
        Crashes = Crashes,
        ElapsedInAttempts = Elapsed,
        CreatedAt = CreatedAt,
        StartedAt = StartedAt,
        CompletedAt = CompletedAt,
        ExpiresAt = ExpiresAt,
    };

    private void Lend(DateTimeOffset now, TimeSpan leaseDuration, DateTimeOffset leaseEnd) =>
        (_renewedAt, _leaseDuration, LeaseExpiresAt) = (now, leaseDuration, leaseEnd);

    /// <summary>Of what passes from one renewal to the next no more than the lease counts as time of the attempt: nobody knows the rest to have been worked on, or the clock was set.</summary>
    private void NoteTime(DateTimeOffset now)
    {
        var passed = now - _renewedAt;
        var worked = passed < _leaseDuration ? passed : _leaseDuration;
        AttemptStartedAt += passed - (worked > TimeSpan.Zero ? worked : TimeSpan.Zero);
    }

    private void SetStatus(AgentRunStatus status)
    {
        Status = status;
        _snapshot = null;
    }

    private RunStep ForReaders((RunStep Step, long Epoch) entry) => new()
    {
        Key = entry.Step.Key,
        Kind = entry.Step.Kind,
        Name = entry.Step.Name,
        Model = entry.Step.Model,
        Usage = entry.Step.Usage,
        Cost = entry.Step.Cost,
        Attempt = entry.Step.Attempt,
        Duration = entry.Step.Duration,
        HasEffects = entry.Step.HasEffects,
        Replayed = entry.Epoch < Epoch,
    };
}
