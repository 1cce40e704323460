namespace AgentHosting.Runs.Internal.InMemory;

/// <content>The event logs and those who watch them.</content>
internal sealed partial class InMemoryRunStore
{
    public ValueTask<RunEventPage?> ReadEventsAsync(string runId, long after, int maxEvents, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var run))
            {
                return ValueTask.FromResult<RunEventPage?>(null);
            }

            return ValueTask.FromResult<RunEventPage?>(new RunEventPage
            {
                Events = run.Events.After(after, maxEvents, run.Id, run.Status),
                LastSequence = run.Events.LastSequence,
                IsTerminal = run.Place == RunPlace.Terminal,
            });
        }
    }

    public async ValueTask WaitForEventsAsync(string runId, long after, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        RunWatchers? watchers;
        lock (_lock)
        {
            if (!_watchers.TryGetValue(runId, out watchers))
            {
                watchers = new RunWatchers();
                _watchers.Add(runId, watchers);
            }

            watchers.Count++;
        }

        try
        {
            await watchers.Signal.WaitAsync(() => HasEventAfter(runId, after), maxWait, timeProvider, cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                if (--watchers.Count == 0)
                {
                    _watchers.Remove(runId);
                }
            }
        }
    }

    private bool HasEventAfter(string runId, long after)
    {
        lock (_lock)
        {
            return !_runs.TryGetValue(runId, out var run) || run.Place == RunPlace.Terminal || run.Events.LastSequence > after;
        }
    }

    private void Publish(RunRecord run, IReadOnlyList<AgentRunEvent> events, DateTimeOffset now)
    {
        foreach (var runEvent in events)
        {
            run.NoteBegun(runEvent);
            run.Events.Add(runEvent, now);
        }

        if (events.Count > 0 && _watchers.TryGetValue(run.Id, out var watchers))
        {
            watchers.Signal.Wake();
        }
    }

    private void Publish(RunRecord run, AgentRunEvent runEvent, DateTimeOffset now) => Publish(run, [runEvent], now);
}
