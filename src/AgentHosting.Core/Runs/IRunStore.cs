namespace AgentHosting.Runs;

/// <summary>
/// Keeps runs, their journals, their events and the sessions they share. One interface because its transitions are atomic:
/// each method either happens wholly or not at all, also against other processes.
/// </summary>
/// <remarks>
/// Rules for every implementation, checked by the compliance suite:
/// time is the store's own clock; a write of an attempt is fenced by <see cref="RunLease.Token"/>, and a lease whose time has ended still counts
/// until <see cref="SweepAsync"/> takes it away; spans too long for a date, such as <see cref="TimeSpan.MaxValue"/>, have no end; every command can be repeated with the same
/// token without harm, since a caller whose connection broke does not know what became of it; terminal states never change; a run's events
/// are numbered from 1 without a gap and the last one is its terminal event; the store itself writes <c>run.queued</c>, <c>run.started</c> and the
/// terminal event, in the same step as the transition.
/// </remarks>
public interface IRunStore : ISessionReader
{
    /// <summary>Creates an id whose partition is the tenant's: <c>run_PARTITION_UNIQUE</c>. Nothing is stored.</summary>
    /// <param name="tenant">The isolation key.</param>
    /// <returns>The id.</returns>
    string CreateRunId(string tenant);

    /// <summary>
    /// Accepts a run: record, queue entry, idempotency record and first event in one step. A repeated id is a replay as long as the run is kept,
    /// a repeated key as long as the key is remembered, also when its run has been removed. What is refused leaves nothing behind.
    /// </summary>
    /// <param name="submission">The run.</param>
    /// <param name="cancellationToken">Stops waiting; the run may be accepted all the same.</param>
    /// <returns>
    /// What became of it. Idempotency is decided first, then the session policy, then capacity; what the policy does to the session's first run happens in the same step as the acceptance.
    /// </returns>
    ValueTask<RunEnqueueResult> EnqueueAsync(RunSubmission submission, CancellationToken cancellationToken);

    /// <summary>Looks up what <see cref="EnqueueAsync"/> would answer because of the idempotency key alone. Changes nothing.</summary>
    /// <param name="submission">The run.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns><see cref="RunEnqueueOutcome.Replayed"/> or <see cref="RunEnqueueOutcome.IdempotencyConflict"/>; <see langword="null"/> where the submission has no key or one that is not known.</returns>
    ValueTask<RunEnqueueResult?> FindByIdempotencyKeyAsync(RunSubmission submission, CancellationToken cancellationToken);

    /// <summary>
    /// Leases runs that are ready: tenants in turn, within a tenant by priority and then by age; of a session only the run whose turn it is.
    /// A run whose journal or session has a newer <see cref="RunStep.Version"/> than the worker reads stays where it is.
    /// </summary>
    /// <remarks>
    /// Synchronous, and must need no thread of the pool: from its return on the leases are renewed. Tools may block every thread of the pool, and what stands behind an await would come when
    /// the leases have ended. Returns or throws after a bounded time, also when the store hangs; a lease that was given all the same ends by itself.
    /// </remarks>
    /// <param name="request">Who claims, and how much.</param>
    /// <returns>The runs, none when nothing is ready. Does not wait for one.</returns>
    IReadOnlyList<ClaimedRun> Claim(RunClaimRequest request);

    /// <summary>
    /// Waits until there may be something to claim. A hint: it may return early, and returns after <paramref name="maxWait"/> at the latest.
    /// A run that becomes ready or due wakes at least one of those who wait, and not one whose wait is cancelled at that moment.
    /// </summary>
    /// <param name="maxWait">The longest wait; zero or less for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends with the wait, as cancelled where the token ended it.</returns>
    ValueTask WaitForWorkAsync(TimeSpan maxWait, CancellationToken cancellationToken);

    /// <summary>Extends leases, also of runs that are to be cancelled or whose time is up: their worker needs time to end them. Of the two, cancelling is told first.</summary>
    /// <remarks>
    /// Synchronous, and must need no thread of the pool: it is called on a thread of its own, so that a worker keeps its leases while tools block every thread of the pool.
    /// Returns or throws after a bounded time, well below a lease, also when the store hangs: what is left of the lease is for the next try.
    /// </remarks>
    /// <param name="leases">The leases of one worker.</param>
    /// <param name="leaseDuration">How long each lasts from now.</param>
    /// <returns>The state of each lease, in the order given.</returns>
    IReadOnlyList<RunRenewalOutcome> Renew(IReadOnlyList<RunLease> leases, TimeSpan leaseDuration);

    /// <summary>Asks to be told at once when a running run is to be cancelled. A hint that may be lost: <see cref="Renew"/> says it too.</summary>
    /// <param name="onRequested">Called with the run's id, on any thread. Must not block; what it throws is logged and reaches nobody else.</param>
    /// <returns>Ends the subscription when disposed.</returns>
    IDisposable SubscribeCancellations(Action<string> onRequested);

    /// <summary>
    /// Journals a step together with the events that belong to it. A key is written once in the life of the run: the same key of a later attempt
    /// is <see cref="RunWriteOutcome.AlreadyCommitted"/> too, and neither its step nor its events are stored.
    /// </summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="step">The step, with its payload.</param>
    /// <param name="events">The events; their numbers and times are set by the store.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the write is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunWriteOutcome> CommitStepAsync(RunLease lease, RunStep step, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a note with a step that is not done, for the next attempt: <see cref="ClaimedRun.Notes"/>. A step has one note, the last. It is gone when the step is
    /// journaled or the run ends.
    /// </summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="note">The note.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the write is then unknown.</param>
    /// <returns>What became of it; <see cref="RunWriteOutcome.AlreadyCommitted"/> where the step is journaled, so that nothing is kept.</returns>
    ValueTask<RunWriteOutcome> NoteStepAsync(RunLease lease, RunStepNote note, CancellationToken cancellationToken);

    /// <summary>Adds events outside a step's commit, such as text as it arrives.</summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="batch">Numbers the calls of one attempt, from 1 and rising: a number not above the last one is not stored again. Each attempt begins anew.</param>
    /// <param name="events">The events; their numbers and times are set by the store.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the write is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunWriteOutcome> AppendEventsAsync(RunLease lease, long batch, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the run: result, session turn, terminal event and the end of the lease in one step; then the session's next run is ready.
    /// (A run that has begun and that no attempt ends leaves a turn with its message, its journal and its partial text instead of messages.)
    /// <see cref="AgentRunStatus.Failed"/> counts as a failure. A result counts even where somebody has asked for the run to be cancelled.
    /// After a release of the same attempt the lease is lost, whatever became of the run.
    /// </summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="completion">How it ended.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the write is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunWriteOutcome> CompleteAsync(RunLease lease, RunCompletion completion, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a run back to the queue with its journal. A run that is to be cancelled, or whose time is up, ends instead; its attempt is counted all the same.
    /// A repetition is recognized until another worker has the run.
    /// </summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="release">Why, and for how long.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the write is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunWriteOutcome> ReleaseAsync(RunLease lease, RunRelease release, CancellationToken cancellationToken);

    /// <summary>
    /// Says that the attempt needs an answer from outside, and tells watchers, in one step. What is open already, or answered, changes nothing and stores no event.
    /// Its time begins with the first request. A wait for an event takes the oldest kept event of its name at once.
    /// </summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="wait">What it waits for.</param>
    /// <param name="events">The events; their numbers and times are set by the store.</param>
    /// <param name="cancellationToken">Stops waiting for the store; what became of the write is then unknown.</param>
    /// <returns>What became of it, and the answer where there is one.</returns>
    ValueTask<RunWaitResult> OpenWaitAsync(RunLease lease, RunWait wait, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken);

    /// <summary>
    /// Lays the run aside until one of its open waits is answered or its time is up; then it is ready at once. Where that has happened since the claim, or nothing is open,
    /// it is ready now; where a later run of its session says <see cref="RunSubmission.Supersede"/>, its waits are superseded. A suspension is orderly: nothing of the attempt is under way any more, so that the
    /// steps it left unfinished were not begun; those of attempts before it stay unfinished. The attempt is not counted, and the time that the run waits does not count against its expiry. A run that is to be cancelled ends instead.
    /// A repetition is recognized until another worker has the run.
    /// </summary>
    /// <param name="lease">The attempt.</param>
    /// <param name="suspension">What the attempt has cost.</param>
    /// <param name="cancellationToken">Stops waiting for the store; what became of the write is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunWriteOutcome> SuspendAsync(RunLease lease, RunSuspension suspension, CancellationToken cancellationToken);

    /// <summary>
    /// Answers an open wait: the answer is journaled under the wait's key, watchers are told, and a waiting run is ready. The first answer holds, also that of the clock.
    /// </summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="requestId">The wait's <see cref="RunWait.RequestId"/>.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cancellationToken">Stops waiting for the store; what became of the write is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunAnswerOutcome> AnswerAsync(string runId, string requestId, RunAnswer answer, CancellationToken cancellationToken);

    /// <summary>
    /// Tells a run of an event from outside. It answers the oldest open wait of its name; where there is none it is kept for the next one, up to 100 events and 1 MiB a run.
    /// An id counts once in the life of the run.
    /// </summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="signal">The event.</param>
    /// <param name="cancellationToken">Stops waiting for the store; what became of the write is then unknown.</param>
    /// <returns><see cref="RunAnswerOutcome.Accepted"/>, <see cref="RunAnswerOutcome.Repeated"/>, <see cref="RunAnswerOutcome.Full"/>, <see cref="RunAnswerOutcome.NotFound"/> or <see cref="RunAnswerOutcome.Ended"/>.</returns>
    ValueTask<RunAnswerOutcome> RaiseEventAsync(string runId, RunSignal signal, CancellationToken cancellationToken);

    /// <summary>Cancels a run that is queued or waiting, or asks the worker of a running one to do so.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What was done.</returns>
    ValueTask<RunCancelOutcome> CancelAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Erases a conversation: its turns are gone. Its ended runs stay until their retention ends.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="sessionId">Its id.</param>
    /// <param name="cancellationToken">Stops waiting; what became of it is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<SessionDeleteOutcome> DeleteSessionAsync(AgentIdentity owner, string sessionId, CancellationToken cancellationToken);

    /// <summary>Reads a run.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A snapshot, or <see langword="null"/>.</returns>
    ValueTask<AgentRun?> GetAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Reads events of a run.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="after">The number of the last event already seen.</param>
    /// <param name="maxEvents">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A page, or <see langword="null"/> when there is no such run.</returns>
    ValueTask<RunEventPage?> ReadEventsAsync(string runId, long after, int maxEvents, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until the run may have an event after <paramref name="after"/>. A hint, like <see cref="WaitForWorkAsync"/>.
    /// Returns at once for a run that has ended or is unknown.
    /// </summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="after">The number of the last event already seen.</param>
    /// <param name="maxWait">The longest wait; zero or less for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends with the wait.</returns>
    ValueTask WaitForEventsAsync(string runId, long after, TimeSpan maxWait, CancellationToken cancellationToken);

    /// <summary>
    /// Recovers runs whose lease has ended, each of which counts as a crash, answers waits and expires runs whose time is up and removes what is past its retention,
    /// a bounded number at a time. A run whose lease has ended is cancelled where that was asked for. A run past its time that a worker holds is left to the worker.
    /// </summary>
    /// <param name="request">The limits.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What was done.</returns>
    ValueTask<RunSweepResult> SweepAsync(RunSweepRequest request, CancellationToken cancellationToken);

    /// <summary>Lists runs, the latest accepted first. Runs that are accepted meanwhile are on no later page.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A page of snapshots.</returns>
    /// <exception cref="ArgumentException"><see cref="RunQuery.After"/> is not from an earlier page, or <see cref="RunQuery.PageSize"/> is not from 1 to <see cref="RunQuery.MaxPageSize"/>.</exception>
    ValueTask<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a dead letter another chance: a new run with the same submission, its queue entry and first event, and the mark on the old one, in one step. The new run stands at the
    /// end of its session's row; it sees the conversation before the failed turn, and its own turn takes that one's place. Events that were raised and that the failed run had not
    /// asked for are kept for the new one; with the journal their ids go over too. A failed run is requeued once.
    /// </summary>
    /// <param name="runId">The failed run.</param>
    /// <param name="requeue">How.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the command is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunRequeueResult> RequeueAsync(string runId, RunRequeue requeue, CancellationToken cancellationToken);

    /// <summary>Removes an ended run before its time, with its journal and events. Its idempotency key stays known, and so does what it said in its session.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the command is then unknown.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunRemoveOutcome> RemoveAsync(string runId, CancellationToken cancellationToken);

    /// <summary>
    /// Erases what is stored of a user, in one step of bounded length: the runs, the oldest first, those that have not ended without a terminal event, with their journals, events and idempotency
    /// records; then the sessions. Runs that a worker holds are asked to be cancelled, as by <see cref="CancelAsync"/>, and stay until they have ended; so do their sessions. Erased runs have no turn
    /// in a session. Repeat it until <see cref="UserErasure.IsComplete"/>. The idempotency records of runs that were removed earlier stay until they age out.
    /// </summary>
    /// <param name="user">Whose: the same tenant (or none) and user; claims do not count.</param>
    /// <param name="limit">How many runs and sessions to erase at most.</param>
    /// <param name="cancellationToken">Stops waiting; what became of the step is then unknown.</param>
    /// <returns>What was done, and whether anything is left.</returns>
    ValueTask<UserErasure> EraseUserAsync(AgentIdentity user, int limit, CancellationToken cancellationToken);

    /// <summary>Counts what is in the store.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The figures.</returns>
    ValueTask<RunStoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken);
}
