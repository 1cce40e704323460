using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal.InMemory;

/// <summary>A complete run store in the memory of one process: bounded, thread-safe, and gone with the process.</summary>
internal sealed partial class InMemoryRunStore(
    IOptions<RunStoreOptions> options, TimeProvider timeProvider, ILogger<InMemoryRunStore> logger) : IRunStore
{
    private readonly Lock _lock = new();
    private readonly RunStoreOptions _options = options.Value;
    private long _unfinishedBytes;
    private readonly Dictionary<string, RunRecord> _runs = new(StringComparer.Ordinal);
    private readonly FairQueue _ready = new(options.Value.MaxRunningPerTenant);
    private readonly TimeIndex<RunRecord> _delayed = new();
    private readonly TimeIndex<RunRecord> _leases = new();
    private readonly TimeIndex<RunRecord> _expiring = new();
    private readonly TimeIndex<RunRecord> _ended = new();
    private readonly TimeIndex<RunRecord> _deadLetters = new();
    private readonly Signal _work = new();
    private readonly Dictionary<string, RunWatchers> _watchers = new(StringComparer.Ordinal);
    private readonly CancellationSubscribers _cancellationSubscribers = new(logger);
    private long _numbers;
    private int _blocked;

    public string CreateRunId(string tenant) =>
        string.Create(CultureInfo.InvariantCulture, $"run_0_{Guid.CreateVersion7(timeProvider.GetUtcNow()):N}");

    public ValueTask<RunEnqueueResult> EnqueueAsync(RunSubmission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        RunEnqueueResult result;
        string? cancelled = null;
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            result = Refuse(submission, now) ?? Accept(submission, now, out cancelled);
        }

        if (cancelled is not null)
        {
            _cancellationSubscribers.Tell(cancelled);
        }

        return ValueTask.FromResult(result);
    }

    public ValueTask<RunEnqueueResult?> FindByIdempotencyKeyAsync(RunSubmission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        lock (_lock)
        {
            return ValueTask.FromResult(Repeated(submission, timeProvider.GetUtcNow()));
        }
    }

    public ValueTask<RunCancelOutcome> CancelAsync(string runId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var run))
            {
                return ValueTask.FromResult(RunCancelOutcome.NotFound);
            }

            if (run.Place == RunPlace.Terminal)
            {
                return ValueTask.FromResult(RunCancelOutcome.AlreadyTerminal);
            }

            if (run.Place != RunPlace.Running)
            {
                End(run, AgentRunStatus.Cancelled, null, null, timeProvider.GetUtcNow());
                return ValueTask.FromResult(RunCancelOutcome.Cancelled);
            }

            run.CancelRequested = true;
        }

        _cancellationSubscribers.Tell(runId);
        return ValueTask.FromResult(RunCancelOutcome.Requested);
    }

    public ValueTask<AgentRun?> GetAsync(string runId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(_runs.GetValueOrDefault(runId)?.ToSnapshot());
        }
    }

    public ValueTask<RunStoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            // Where workers are started by these figures, nobody may be there to claim a delayed run that is due.
            PromoteDelayed(now, int.MaxValue);
            AnswerAllDue(now, int.MaxValue);
            return ValueTask.FromResult(new RunStoreStatistics
            {
                Ready = _ready.Count,
                Blocked = _blocked + _delayed.Count,
                Waiting = _waitingCount,
                Running = _leases.Count,
                Retained = _ended.Count + _deadLetters.Count,
                DeadLetters = _deadLetters.Count,
                UnfinishedBytes = _unfinishedBytes,
                OldestReadyAge = _readyByAge.Oldest is { } oldest ? now - oldest.ReadyAt : TimeSpan.Zero,
            });
        }
    }

    public IDisposable SubscribeCancellations(Action<string> onRequested) => _cancellationSubscribers.Add(onRequested);

    private RunEnqueueResult? Refuse(RunSubmission submission, DateTimeOffset now)
    {
        if (Repeated(submission, now) is { } repeated)
        {
            return repeated;
        }

        if (_runs.ContainsKey(submission.Id))
        {
            return Result(RunEnqueueOutcome.Replayed, submission.Id);
        }

        if (RefuseAsBusy(submission, now) is { } busy)
        {
            return busy;
        }

        return IsFull(submission.Size) ? Result(RunEnqueueOutcome.Full, null) : null;
    }

    private bool IsFull(long more) =>
        _runs.Count - _ended.Count - _deadLetters.Count >= _options.MaxUnfinishedRuns || _unfinishedBytes + more > _options.MaxUnfinishedBytes;

    private RunEnqueueResult? Repeated(RunSubmission submission, DateTimeOffset now)
    {
        if (submission.IdempotencyKey is not { } key || FindIdempotent(OwnerKey(submission.Identity), key, now) is not { } first)
        {
            return null;
        }

        var same = first.RunId == submission.Id || first.Fingerprint == submission.Fingerprint;
        return Result(same ? RunEnqueueOutcome.Replayed : RunEnqueueOutcome.IdempotencyConflict, first.RunId);
    }

    private RunEnqueueResult Accept(RunSubmission submission, DateTimeOffset now, out string? cancelled)
    {
        RememberIdempotencyKey(submission, now);
        var head = FindSession(submission)?.Runs.First?.Value;
        Add(new RunRecord(submission, ++_numbers, now, _options.MaxEventsPerRun), now);
        cancelled = head is null ? null : MakeWay(head, submission, now);
        return Result(RunEnqueueOutcome.Enqueued, submission.Id);
    }

    private void Add(RunRecord run, DateTimeOffset now)
    {
        _runs.Add(run.Id, run);
        _unfinishedBytes += run.Bytes;
        _byAge.Add(run);
        AddToOwner(run);
        _expiring.Add(run.ExpiresAt, run.Number, run);
        JoinSession(run);
        Publish(run, new AgentRunEvent { Type = AgentRunEventTypes.RunQueued, RunId = run.Id, Agent = run.Submission.Agent }, now);
        Place(run, now);
    }

    private static RunEnqueueResult Result(RunEnqueueOutcome outcome, string? runId) => new() { Outcome = outcome, RunId = runId };
}
