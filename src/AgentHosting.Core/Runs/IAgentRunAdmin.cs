namespace AgentHosting.Runs;

/// <summary>What operators do with runs of all owners. Give it to nobody whom you would not show every conversation.</summary>
public interface IAgentRunAdmin
{
    /// <summary>Lists runs, the latest accepted first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>A page; <see cref="RunPage.Next"/> names the one after it.</returns>
    /// <exception cref="ArgumentException"><see cref="RunQuery.After"/> is not from an earlier page, or <see cref="RunQuery.PageSize"/> is not from 1 to <see cref="RunQuery.MaxPageSize"/>.</exception>
    ValueTask<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a run that failed another chance, as a new run with the same message and owner, all attempts before it, and its agent's <c>ExpireAfter</c>. Its turn takes the place of
    /// the failed one in the session. A failed run is requeued once; the new one, should it fail too, can be requeued again.
    /// </summary>
    /// <param name="runId">The failed run.</param>
    /// <param name="keepJournal">
    /// Whether the new run goes on from the journal of the old one, so that nothing that was done is done or paid for again. Use <see langword="false"/> where the journal is the trouble, as after
    /// <c>journal_mismatch</c>: then all is done again, also what tools have done that cannot be undone.
    /// </param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>What became of it, and the new run's id.</returns>
    ValueTask<RunRequeueResult> RequeueAsync(string runId, bool keepJournal = true, CancellationToken cancellationToken = default);

    /// <summary>Removes an ended run before its time, with its journal and events. What it said in its session stays.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>What became of it.</returns>
    ValueTask<RunRemoveOutcome> RemoveAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Removes all ended runs that match, from the latest on; those that have not ended stay.</summary>
    /// <param name="query">Which. Where it begins and the size of its pages only say where to start and how many to look at in one step.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="ArgumentException">As for <see cref="ListAsync"/>.</exception>
    ValueTask<int> PurgeAsync(RunQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Erases what the store has of a user: unfinished runs (they are cancelled), ended ones and dead letters, with journals, events and idempotency records, and sessions. Can be repeated, also after it was cut
    /// off. First see to it that nothing more is submitted for the user: what comes meanwhile may stay. Not touched are what was spent (ledger rows are bills), cached answers, and what left the store:
    /// logs, traces, what tools and providers keep.
    /// </summary>
    /// <param name="user">
    /// Tenant (or none) and user. A user of the same name of another tenant, or of none, is another one. <see cref="AgentIdentity.AnonymousUserId"/> is all who gave no name.
    /// </param>
    /// <param name="maxWait">
    /// How long to wait for workers to end the runs that they hold; <see langword="null"/> for one minute, longer than a lost worker's lease lasts by default.
    /// </param>
    /// <param name="cancellationToken">Stops; what was erased stays so.</param>
    /// <returns>What was erased. <see cref="UserErasure.IsComplete"/> is false where workers still hold runs: call again.</returns>
    /// <exception cref="ArgumentException">The user id is blank, or the tenant id is (not <see langword="null"/>, but blank).</exception>
    ValueTask<UserErasure> EraseUserAsync(AgentIdentity user, TimeSpan? maxWait = null, CancellationToken cancellationToken = default);

    /// <summary>Counts what is in the store.</summary>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>The figures.</returns>
    ValueTask<RunStoreStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default);
}
