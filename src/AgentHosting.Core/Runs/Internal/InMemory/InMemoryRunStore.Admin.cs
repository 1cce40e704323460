using System.Globalization;

namespace AgentHosting.Runs.Internal.InMemory;

/// <content>What operators do: look through the runs, give dead letters another chance, remove what has ended.</content>
internal sealed partial class InMemoryRunStore
{
    // Some tens of microseconds under the lock.
    private const int ListSlice = 256;
    private readonly RunsByAge _byAge = new();

    public ValueTask<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.PageSize is < 1 or > RunQuery.MaxPageSize)
        {
            throw new ArgumentException($"PageSize is {query.PageSize}. Use 1 to {RunQuery.MaxPageSize}.", nameof(query));
        }

        var before = long.MaxValue;
        if (query.After is { } after && (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before) || before < 1))
        {
            throw new ArgumentException("After is not the Next of an earlier page. Leave it out for the first page.", nameof(query));
        }

        var found = new List<AgentRun>();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                var slice = _byAge.Before(before, ListSlice);
                foreach (var run in slice)
                {
                    if (run.Matches(query))
                    {
                        if (found.Count == query.PageSize)
                        {
                            return ValueTask.FromResult(new RunPage { Runs = found, Next = before.ToString(CultureInfo.InvariantCulture) });
                        }

                        found.Add(run.ToSnapshot());
                    }

                    before = run.Number;
                }

                if (slice.Count < ListSlice)
                {
                    return ValueTask.FromResult(new RunPage { Runs = found });
                }
            }
        }
    }

    public ValueTask<RunRequeueResult> RequeueAsync(string runId, RunRequeue requeue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(requeue);
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var failed))
            {
                return Result(RunRequeueOutcome.NotFound);
            }

            if (failed.RequeuedAs is { } known)
            {
                // By its id the caller sees its own command again.
                return Result(known == requeue.NewRunId ? RunRequeueOutcome.Requeued : RunRequeueOutcome.AlreadyRequeued, known);
            }

            if (failed.Status != AgentRunStatus.Failed)
            {
                return Result(RunRequeueOutcome.NotFailed);
            }

            if (_runs.ContainsKey(requeue.NewRunId))
            {
                throw new ArgumentException($"There is a run of the id '{requeue.NewRunId}'. Use a new one of CreateRunId.", nameof(requeue));
            }

            if (IsFull(requeue.KeepJournal ? failed.Bytes : failed.Submission.Size))
            {
                return Result(RunRequeueOutcome.Full);
            }

            var now = timeProvider.GetUtcNow();
            Add(failed.Requeue(requeue, ++_numbers, now, _options.MaxEventsPerRun), now);
            Release(failed);
            Retain(failed, now);
            ForgetOldest();
            return Result(RunRequeueOutcome.Requeued, requeue.NewRunId);
        }

        static ValueTask<RunRequeueResult> Result(RunRequeueOutcome outcome, string? runId = null) =>
            ValueTask.FromResult(new RunRequeueResult { Outcome = outcome, RunId = runId });
    }

    public ValueTask<RunRemoveOutcome> RemoveAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var run))
            {
                return ValueTask.FromResult(RunRemoveOutcome.NotFound);
            }

            if (run.Place != RunPlace.Terminal)
            {
                return ValueTask.FromResult(RunRemoveOutcome.NotEnded);
            }

            Remove(run);
            return ValueTask.FromResult(RunRemoveOutcome.Removed);
        }
    }

    /// <summary>Keeps an ended run: a dead letter with its journal, another for its readers alone.</summary>
    private void Retain(RunRecord run, DateTimeOffset now)
    {
        run.EndNumber = ++_numbers;
        if (run.IsDeadLetter)
        {
            run.RemoveAt = now.After(_options.DeadLetterRetention);
            _deadLetters.Add(run.RemoveAt, run.EndNumber, run);
        }
        else
        {
            run.DropPayloads();
            run.RemoveAt = now.After(_options.Retention);
            _ended.Add(run.RemoveAt, run.EndNumber, run);
        }
    }

    /// <summary>Takes an ended run out of the index in which it is kept.</summary>
    private void Release(RunRecord run)
    {
        _ended.Remove(run.RemoveAt, run.EndNumber, run);
        _deadLetters.Remove(run.RemoveAt, run.EndNumber, run);
    }

    private void ForgetOldest()
    {
        while (_ended.Count > _options.MaxRetainedRuns)
        {
            Remove(_ended.Oldest!);
        }

        while (_deadLetters.Count > _options.MaxDeadLetters)
        {
            Remove(_deadLetters.Oldest!);
        }
    }
}
