using System.Text.Json;

namespace AgentHosting.Runs;

/// <summary>Submits runs and follows them, from anywhere that shares the store.</summary>
public interface IAgentRunClient
{
    /// <summary>Accepts a run. When this returns, the run reaches a terminal state whatever happens to this process, as far as the store keeps what it acknowledged.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>The run's id, and whether an earlier submission with the same idempotency key created it.</returns>
    /// <exception cref="AgentRunRequestException">The request is not valid; the exception names the field.</exception>
    /// <exception cref="IdempotencyConflictException">The idempotency key was used for another request.</exception>
    /// <exception cref="SessionBusyException">The session has a run that is not done and the request says <see cref="SessionBusyPolicy.Reject"/>, or that run waits for an answer.</exception>
    /// <exception cref="RunStoreFullException">The queue is full.</exception>
    /// <exception cref="RateLimits.RateLimitedException">The user, or all together, submitted as much as the host accepts in a minute.</exception>
    ValueTask<AgentRunSubmission> SubmitAsync(AgentRunRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads a run.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>A snapshot, or <see langword="null"/> when the store has no such run.</returns>
    ValueTask<AgentRun?> GetAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Follows a run's events from after <paramref name="after"/> until its final event.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="after">The number of the last event already seen; 0 for all.</param>
    /// <param name="cancellationToken">Stops watching; the run goes on.</param>
    /// <returns>The events, without a gap. Where early events are no longer kept, the first is a <c>snapshot</c>. Nothing for an unknown run.</returns>
    IAsyncEnumerable<AgentRunEvent> WatchAsync(string runId, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>Waits until the run has ended.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting; the run goes on.</param>
    /// <returns>The run in its terminal state, or <see langword="null"/> when the store has no such run.</returns>
    ValueTask<AgentRun?> WaitAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Answers the question whether a tool call of a run may be made, or what its code asks. Who may answer is for the caller to check: <see cref="RunWait.Approver"/> names the policy.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="requestId">The request, from <see cref="AgentRun.Waits"/> or from the event.</param>
    /// <param name="approval">The answer.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>What became of it. The first answer holds; the same again is <see cref="RunAnswerOutcome.Repeated"/>, and the opposite, or one that is late, <see cref="RunAnswerOutcome.Conflict"/>.</returns>
    ValueTask<RunAnswerOutcome> AnswerApprovalAsync(string runId, string requestId, AgentRunApproval approval, CancellationToken cancellationToken = default);

    /// <summary>
    /// Tells a run of an event that it waits for with <see cref="AgentRunContext.WaitForEventAsync(string, TimeSpan?, CancellationToken)"/>, or will: up to 100 events, 1 MiB in all, that it
    /// has not asked for are kept. Who may raise it is for the caller to check.
    /// </summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="name">The name under which the run waits, 1 to 200 characters.</param>
    /// <param name="payload">What the run gets; <see langword="null"/> for JSON's <c>null</c>.</param>
    /// <param name="id">Names this event, 1 to 200 characters: raised again under the same id it counts once. Set it wherever you may have to try again.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns><see cref="RunAnswerOutcome.Accepted"/>, <see cref="RunAnswerOutcome.Repeated"/>, <see cref="RunAnswerOutcome.Full"/>, <see cref="RunAnswerOutcome.NotFound"/> or <see cref="RunAnswerOutcome.Ended"/>.</returns>
    /// <exception cref="ArgumentException">Name or id is empty or too long.</exception>
    ValueTask<RunAnswerOutcome> RaiseEventAsync(string runId, string name, JsonElement? payload = null, string? id = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels a run: at once when it is queued or waiting, within about a second when it is running.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <returns>What was done.</returns>
    ValueTask<RunCancelOutcome> CancelAsync(string runId, CancellationToken cancellationToken = default);
}
