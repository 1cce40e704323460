namespace AgentHosting.Runs.Internal.InMemory;

/// <content>Runs that wait for an answer from outside.</content>
internal sealed partial class InMemoryRunStore
{
    private const int MaxKeptEvents = 100;
    private const long MaxKeptEventBytes = 1 << 20;
    private readonly TimeIndex<RunRecord> _waiting = new();
    private int _waitingCount;

    public ValueTask<RunWaitResult> OpenWaitAsync(RunLease lease, RunWait wait, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wait);
        ArgumentNullException.ThrowIfNull(events);
        lock (_lock)
        {
            if (FindHeld(lease) is not { } run)
            {
                return ValueTask.FromResult(new RunWaitResult { Outcome = RunWriteOutcome.LeaseLost });
            }

            var now = timeProvider.GetUtcNow();
            AnswerDue(run, now);
            if (run.FindStep(wait.Key) is { } answer)
            {
                return ValueTask.FromResult(new RunWaitResult { Outcome = RunWriteOutcome.AlreadyCommitted, Answer = answer });
            }

            if (run.Waits.IsOpen(wait.Key))
            {
                return ValueTask.FromResult(new RunWaitResult { Outcome = RunWriteOutcome.AlreadyCommitted });
            }

            var opened = run.Waits.Add(wait, now);
            run.Changed();
            Publish(run, events, now);
            if (wait.Kind == RunStepKind.Event && run.Waits.TakeKept(wait.Name) is { } kept)
            {
                var hadNewAnswer = run.HasNewAnswer;
                Answer(run, opened, AnswerOf(opened, kept), now);
                // The attempt is told of it here.
                run.HasNewAnswer = hadNewAnswer;
                return ValueTask.FromResult(new RunWaitResult { Outcome = RunWriteOutcome.Committed, Answer = run.FindStep(wait.Key) });
            }

            return ValueTask.FromResult(new RunWaitResult { Outcome = RunWriteOutcome.Committed });
        }
    }

    public ValueTask<RunWriteOutcome> SuspendAsync(RunLease lease, RunSuspension suspension, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(suspension);
        lock (_lock)
        {
            if (FindHeld(lease) is not { } run)
            {
                return ValueTask.FromResult(WasEndedBy(lease, static run => run.ReleasedToken));
            }

            var now = timeProvider.GetUtcNow();
            run.ReleasedToken = lease.Token;
            run.AddCost(suspension.Cost);
            run.EndAttempt(now, uncounted: true);
            AnswerDue(run, now);
            run.ForgetBegun();
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
                LayAsideOrGoOn(run, now);
            }

            return ValueTask.FromResult(RunWriteOutcome.Committed);
        }
    }

    public ValueTask<RunAnswerOutcome> AnswerAsync(string runId, string requestId, RunAnswer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answer);
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var run))
            {
                return ValueTask.FromResult(RunAnswerOutcome.NotFound);
            }

            var now = timeProvider.GetUtcNow();
            AnswerDue(run, now);
            if (run.Waits.DecisionOf(requestId) is { } decision)
            {
                return ValueTask.FromResult(decision == answer.Decision ? RunAnswerOutcome.Repeated : RunAnswerOutcome.Conflict);
            }

            if (run.Waits.Find(requestId) is not { } wait)
            {
                return ValueTask.FromResult(run.Waits.WasLeftOpen(requestId) ? RunAnswerOutcome.Ended : RunAnswerOutcome.NotFound);
            }

            Answer(run, wait, answer, now);
            return ValueTask.FromResult(RunAnswerOutcome.Accepted);
        }
    }

    public ValueTask<RunAnswerOutcome> RaiseEventAsync(string runId, RunSignal signal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signal);
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var run))
            {
                return ValueTask.FromResult(RunAnswerOutcome.NotFound);
            }

            var now = timeProvider.GetUtcNow();
            AnswerDue(run, now);
            if (run.Waits.WasRaised(signal))
            {
                return ValueTask.FromResult(RunAnswerOutcome.Repeated);
            }

            if (run.Place == RunPlace.Terminal)
            {
                return ValueTask.FromResult(RunAnswerOutcome.Ended);
            }

            if (run.Waits.FirstFor(signal) is { } wait)
            {
                Answer(run, wait, AnswerOf(wait, signal), now);
            }
            else if (!run.Waits.Keep(signal, MaxKeptEvents, MaxKeptEventBytes))
            {
                return ValueTask.FromResult(RunAnswerOutcome.Full);
            }

            run.Waits.NoteRaised(signal);
            return ValueTask.FromResult(RunAnswerOutcome.Accepted);
        }
    }

    private static RunAnswer AnswerOf(RunWait wait, RunSignal signal) => new()
    {
        Decision = "raised",
        Payload = signal.Payload,
        Event = new AgentRunEvent { Type = AgentRunEventTypes.StepCompleted, Step = wait.Key, Kind = wait.Kind, Name = wait.Name },
    };

    private void LayAsideOrGoOn(RunRecord run, DateTimeOffset now)
    {
        if (!run.HasNewAnswer && run.Waits.Open.Count > 0 && IsSuperseded(run))
        {
            Supersede(run, now);
        }

        if (run.Place == RunPlace.Terminal)
        {
            return;
        }

        if (run.HasNewAnswer || run.Waits.Open.Count == 0)
        {
            Place(run, now);
        }
        else
        {
            LayAside(run, now);
        }
    }

    private void LayAside(RunRecord run, DateTimeOffset now)
    {
        run.Place = RunPlace.Waiting;
        run.WaitFrom(now);
        _waitingCount++;
        _expiring.Remove(run.ExpiresAt, run.Number, run);
        run.WaitsUntil = run.Waits.NextDue(now);
        if (run.WaitsUntil is { } due)
        {
            _waiting.Add(due, run.Number, run);
            // A waiting worker may have planned to sleep for longer.
            _work.Wake(1);
        }

        Publish(run, new AgentRunEvent { Type = AgentRunEventTypes.RunWaiting, RunId = run.Id }, now);
    }

    private void TakeUp(RunRecord run, DateTimeOffset now)
    {
        if (run.WaitsUntil is { } due)
        {
            _waiting.Remove(due, run.Number, run);
        }

        _waitingCount--;
        run.StopWaiting(now);
        _expiring.Add(run.ExpiresAt, run.Number, run);
        run.Place = RunPlace.None;
    }

    private void Answer(RunRecord run, RunWait wait, RunAnswer answer, DateTimeOffset now)
    {
        run.Waits.Decide(wait, answer.Decision);
        run.HasNewAnswer = true;
        run.Changed();
        AddStep(run, new RunStep
        {
            Key = wait.Key,
            Kind = wait.Kind,
            Name = wait.Name,
            Attempt = Math.Max(1, run.Attempts),
            Duration = now > wait.CreatedAt ? now - wait.CreatedAt : TimeSpan.Zero,
            Version = answer.Version,
            Payload = answer.Payload,
        });
        if (run.Place == RunPlace.Ready && run.QueuedVersion != run.Version)
        {
            _ready.Remove(run);
            _ready.Add(run);
        }

        if (answer.Event is { } told)
        {
            Publish(run, told, now);
        }

        if (run.Place == RunPlace.Waiting)
        {
            TakeUp(run, now);
            Place(run, now);
        }
    }

    /// <summary>Gives the waits whose time is up their answer.</summary>
    private void AnswerDue(RunRecord run, DateTimeOffset now)
    {
        if (run.Place == RunPlace.Terminal)
        {
            return;
        }

        foreach (var wait in run.Waits.Due(now))
        {
            Answer(run, wait, wait.AnswerWhenDue!, now);
        }
    }

    private void AnswerAllDue(DateTimeOffset now, int limit)
    {
        foreach (var run in _waiting.Due(now, limit))
        {
            AnswerDue(run, now);
        }
    }
}
