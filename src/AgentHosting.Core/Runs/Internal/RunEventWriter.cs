namespace AgentHosting.Runs.Internal;

/// <summary>
/// The one way from an attempt to the store: one write at a time, text coalesced, a repeated write recognized by its number.
/// The first event goes out at once, what follows within the flush interval goes together.
/// </summary>
internal sealed class RunEventWriter : IAsyncDisposable
{
    private readonly IRunStore _store;
    private readonly RunAttempt _attempt;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _flushInterval;
    private readonly ITimer _timer;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _lock = new();
    private List<AgentRunEvent> _pending = [];
    private List<AgentRunEvent>? _unconfirmed;
    private long _batch;
    private long _lastFlush;
    private bool _timerArmed;

    public RunEventWriter(IRunStore store, RunAttempt attempt, TimeProvider timeProvider, TimeSpan flushInterval)
    {
        _store = store;
        _attempt = attempt;
        _timeProvider = timeProvider;
        _flushInterval = flushInterval;
        _timer = timeProvider.CreateTimer(static state => _ = ((RunEventWriter)state!).FlushFromTimerAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask AddAsync(AgentRunEvent runEvent)
    {
        lock (_lock)
        {
            Merge(_pending, runEvent);
            if (_timerArmed)
            {
                return;
            }

            var sinceLast = _lastFlush == 0 ? _flushInterval : _timeProvider.GetElapsedTime(_lastFlush);
            if (sinceLast < _flushInterval)
            {
                _timerArmed = true;
                _timer.Change(_flushInterval - sinceLast, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        await FlushOrFailAsync();
    }

    /// <summary>Stores what was said so far. Where that cannot be, the attempt stops.</summary>
    /// <exception cref="OperationCanceledException">The lease is lost.</exception>
    public async ValueTask FlushOrFailAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _attempt.Fail(exception);
            throw;
        }

        _attempt.ThrowIfStopped();
    }

    /// <summary>Commits a step with everything that was said before it.</summary>
    /// <exception cref="OperationCanceledException">The lease is lost, and the step is not stored.</exception>
    public async ValueTask CommitStepAsync(RunStep step, IReadOnlyList<AgentRunEvent> events)
    {
        await _gate.WaitAsync();
        try
        {
            await SendUnconfirmedAsync();
            var pending = TakePending();
            try
            {
                if (StopIfLost(await RepeatAsync(() => _store.CommitStepAsync(_attempt.Lease, step, [.. pending, .. events], CancellationToken.None))))
                {
                    _attempt.ThrowIfStopped();
                }

                _attempt.NoteJournaled(step);
                _attempt.Drain?.Note(step);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                PutBack(pending);
                throw;
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The loop swallows what a tool throws and calls the model again: without the step in the journal that must not happen.
            _attempt.Fail(exception);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Opens a wait, with everything that was said before it.</summary>
    /// <returns>The answer, where there is one already.</returns>
    /// <exception cref="OperationCanceledException">The lease is lost, and the wait is not stored.</exception>
    public async ValueTask<RunStep?> OpenWaitAsync(RunWait wait, AgentRunEvent asked)
    {
        await FlushOrFailAsync();
        await _gate.WaitAsync();
        try
        {
            var result = await RepeatAsync(() => _store.OpenWaitAsync(_attempt.Lease, wait, [asked], CancellationToken.None));
            if (StopIfLost(result.Outcome))
            {
                _attempt.ThrowIfStopped();
            }

            if (result is { Outcome: RunWriteOutcome.Committed, Answer: { } kept })
            {
                // Journaled by this very write, so that its place among those of the attempt is known.
                _attempt.NoteJournaled(kept);
            }

            return result.Answer;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _attempt.Fail(exception);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Keeps a note with a step that is not done.</summary>
    /// <exception cref="OperationCanceledException">The lease is lost, and the note is not stored.</exception>
    public async ValueTask NoteStepAsync(RunStepNote note)
    {
        await _gate.WaitAsync();
        try
        {
            if (StopIfLost(await RepeatAsync(() => _store.NoteStepAsync(_attempt.Lease, note, CancellationToken.None))))
            {
                _attempt.ThrowIfStopped();
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _attempt.Fail(exception);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask FlushAsync()
    {
        await _gate.WaitAsync();
        try
        {
            await SendUnconfirmedAsync();
            var events = TakePending();
            if (events.Count > 0)
            {
                _unconfirmed = events;
                _batch++;
                await SendUnconfirmedAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _gate.Dispose();
    }

    private async Task FlushFromTimerAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The events stay unconfirmed and go out, under the same number, with the next write, whose failure its caller sees.
        }
    }

    private async ValueTask SendUnconfirmedAsync()
    {
        if (_unconfirmed is { } events)
        {
            StopIfLost(await RepeatAsync(() => _store.AppendEventsAsync(_attempt.Lease, _batch, events, CancellationToken.None)));
            _unconfirmed = null;
        }
    }

    private ValueTask<T> RepeatAsync<T>(Func<ValueTask<T>> write) => PatientWrites.RepeatAsync(_attempt, _timeProvider, write);

    private bool StopIfLost(RunWriteOutcome outcome)
    {
        if (outcome != RunWriteOutcome.LeaseLost)
        {
            return false;
        }

        _attempt.LoseLease();
        return true;
    }

    private void PutBack(List<AgentRunEvent> events)
    {
        lock (_lock)
        {
            _pending.InsertRange(0, events);
        }
    }

    private List<AgentRunEvent> TakePending()
    {
        lock (_lock)
        {
            var events = _pending;
            _pending = [];
            _timerArmed = false;
            _lastFlush = _timeProvider.GetTimestamp();
            return events;
        }
    }

    private static void Merge(List<AgentRunEvent> pending, AgentRunEvent added)
    {
        if (added.Type is AgentRunEventTypes.TextDelta or AgentRunEventTypes.ReasoningDelta
            && pending.Count > 0 && pending[^1] is { } last && last.Type == added.Type && last.Step == added.Step)
        {
            pending[^1] = new AgentRunEvent { Type = last.Type, Step = last.Step, Attempt = last.Attempt, Text = last.Text + added.Text };
        }
        else
        {
            pending.Add(added);
        }
    }
}
