using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentHosting.Agents;
using AgentHosting.RateLimits;
using AgentHosting.RateLimits.Internal;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.Options;

namespace AgentHosting.Runs.Internal;

/// <summary>Validates submissions and turns the store's answers into results and exceptions.</summary>
internal sealed class AgentRunClient(
    IRunStore store, IAgentRegistry agents, RunRateLimits limits, RunGuards guards, ToolValidator tools, IOptions<RunStoreOptions> options) : IAgentRunClient
{
    private const int EventPageSize = 256;
    // Only a bound for the case that a wake-up is lost; watchers are woken by the store.
    private static readonly TimeSpan MaxEventWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryAfterFull = TimeSpan.FromSeconds(5);
    private readonly WaitingLines _keys = new();

    public async ValueTask<AgentRunSubmission> SubmitAsync(AgentRunRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        AgentRunRequestValidator.Validate(request, agents);
        var agent = agents.Find(request.Agent ?? agents.DefaultAgent)!;
        var submission = new RunSubmission
        {
            Id = store.CreateRunId(request.Identity.GetTenantOrUser()),
            Agent = agent.Name,
            Message = await guards.InspectAsync(request, agent.Name, cancellationToken),
            Identity = request.Identity,
            SessionId = request.SessionId,
            OnBusy = request.OnBusy,
            Supersede = request.Supersede,
            Priority = request.Priority,
            Weight = options.Value.TenantWeights.TryGetValue(request.Identity.GetTenantOrUser(), out var weight) ? weight : 1,
            Delay = request.Delay,
            ExpireAfter = agent.Options.ExpireAfter + request.Delay,
            Metadata = request.Metadata,
            IdempotencyKey = request.IdempotencyKey,
            Fingerprint = request.IdempotencyKey is null ? null : RunFingerprint.Of(request),
            TraceParent = Activity.Current?.Id,
        };
        return Answer(request, await (limits.AreSet ? EnqueueInTurnAsync(submission, cancellationToken) : store.EnqueueAsync(submission, cancellationToken)));
    }

    /// <summary>One after the other under a key: who comes while the first is on its way is to find it, not to be refused by the limit that it filled.</summary>
    private async ValueTask<RunEnqueueResult> EnqueueInTurnAsync(RunSubmission submission, CancellationToken cancellationToken)
    {
        if (submission.IdempotencyKey is null)
        {
            return await EnqueueWithinLimitsAsync(submission, cancellationToken);
        }

        var key = $"{submission.Identity.UserId.Length}:{submission.Identity.UserId}:{submission.IdempotencyKey}";
        _keys.TryJoin(key, int.MaxValue, out var line);
        try
        {
            await line.Turn.WaitAsync(cancellationToken);
            try
            {
                return await EnqueueWithinLimitsAsync(submission, cancellationToken);
            }
            finally
            {
                line.Turn.Release();
            }
        }
        finally
        {
            _keys.Leave(key, line);
        }
    }

    /// <summary>A repeated key is answered before limits are counted, and what the store does not accept anew is given back to them.</summary>
    private async ValueTask<RunEnqueueResult> EnqueueWithinLimitsAsync(RunSubmission submission, CancellationToken cancellationToken)
    {
        if (await FindAsync() is { } repeated)
        {
            return repeated;
        }

        RateLimitDecision? taken;
        try
        {
            taken = await limits.AdmitAsync(submission.Identity, cancellationToken);
        }
        catch (RateLimitedException)
        {
            // The submission with the same key that took the last place, from another process, may be in the store by now.
            if (await FindAsync() is { } first)
            {
                return first;
            }

            throw;
        }

        // Where the store throws, the run may have been accepted, so that it stays counted.
        var result = await store.EnqueueAsync(submission, cancellationToken);
        if (result.Outcome != RunEnqueueOutcome.Enqueued && taken is not null)
        {
            await limits.GiveBackAsync(taken);
        }

        return result;

        ValueTask<RunEnqueueResult?> FindAsync() => submission.IdempotencyKey is null
            ? ValueTask.FromResult<RunEnqueueResult?>(null)
            : store.FindByIdempotencyKeyAsync(submission, cancellationToken);
    }

    private static AgentRunSubmission Answer(AgentRunRequest request, RunEnqueueResult result) => result.Outcome switch
    {
        RunEnqueueOutcome.Enqueued => new AgentRunSubmission { RunId = result.RunId! },
        RunEnqueueOutcome.Replayed => new AgentRunSubmission { RunId = result.RunId!, Replayed = true },
        RunEnqueueOutcome.IdempotencyConflict => throw new IdempotencyConflictException(
            "The idempotency key was used before for another request. Use a new key for a new request."),
        RunEnqueueOutcome.SessionBusy => throw new SessionBusyException(
            $"Session '{request.SessionId}' has a run that is not done: {result.RunId}. Wait for it, cancel it, or submit with another on_busy than 'reject'.")
        { RunId = result.RunId },
        RunEnqueueOutcome.SessionWaiting when !RunApprovals.IsQuestion(result.RequestId!) => throw new SessionBusyException(
            $"Session '{request.SessionId}' has a run that waits for a time or an event: {result.RunId}. Let it go on, raise its event, cancel the run, or submit with 'supersede'.")
        { RunId = result.RunId, Code = SessionBusyCodes.Waiting },
        RunEnqueueOutcome.SessionWaiting => throw new SessionBusyException(
            $"Session '{request.SessionId}' has a run that waits for an answer: {result.RunId}, request {result.RequestId}. Answer it, cancel the run, or submit with 'supersede'.")
        { RunId = result.RunId, RequestId = result.RequestId, Code = SessionBusyCodes.Waiting },
        RunEnqueueOutcome.RollbackRefused => throw new SessionBusyException(
            $"Run {result.RunId} of session '{request.SessionId}' cannot be rolled back: it has called a tool with effects, in step {result.Step}. Submit with on_busy 'interrupt' to stop it and keep what it did.")
        { RunId = result.RunId, Code = SessionBusyCodes.RollbackRefused },
        RunEnqueueOutcome.Full => throw new RunStoreFullException(
            "The queue takes no more runs. Try again later, add workers, or raise AgentHosting:Store:MaxUnfinishedRuns and MaxUnfinishedBytes.")
        { RetryAfter = RetryAfterFull },
        _ => throw new UnreachableException($"The store answered {result.Outcome}."),
    };

    public ValueTask<AgentRun?> GetAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return store.GetAsync(runId, cancellationToken);
    }

    public async IAsyncEnumerable<AgentRunEvent> WatchAsync(
        string runId, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runId);
        while (await store.ReadEventsAsync(runId, after, EventPageSize, cancellationToken) is { } page)
        {
            foreach (var runEvent in page.Events)
            {
                after = runEvent.Sequence;
                yield return runEvent;
            }

            if (page.IsTerminal && after >= page.LastSequence)
            {
                yield break;
            }

            if (page.Events.Count == 0)
            {
                await store.WaitForEventsAsync(runId, after, MaxEventWait, cancellationToken);
            }
        }
    }

    public async ValueTask<AgentRun?> WaitAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runId);
        var seen = 0L;
        while (await store.GetAsync(runId, cancellationToken) is { } run)
        {
            if (run.Status.IsTerminal())
            {
                return run;
            }

            if (await store.ReadEventsAsync(runId, seen, EventPageSize, cancellationToken) is not { } page)
            {
                return null;
            }

            // Every change of status has its event, so waiting for a newer event than those read here cannot miss the last one.
            if (page.Events.Count > 0)
            {
                seen = page.Events[^1].Sequence;
            }

            if (seen >= page.LastSequence && !page.IsTerminal)
            {
                await store.WaitForEventsAsync(runId, seen, MaxEventWait, cancellationToken);
            }
        }

        return null;
    }

    public async ValueTask<RunAnswerOutcome> AnswerApprovalAsync(
        string runId, string requestId, AgentRunApproval approval, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(requestId);
        ArgumentNullException.ThrowIfNull(approval);
        if (!RunApprovals.IsQuestion(requestId))
        {
            // A time or an event is not for people to answer.
            return RunAnswerOutcome.NotFound;
        }

        if (await store.GetAsync(runId, cancellationToken) is not { } run)
        {
            return RunAnswerOutcome.NotFound;
        }

        var wait = run.Waits.FirstOrDefault(wait => wait.RequestId == requestId);
        var answer = new ApprovalAnswer(requestId, approval.Approved, approval.Reason, approval.Approver, wait?.Approver);
        var outcome = await store.AnswerAsync(
            runId, requestId, RunApprovals.Answer(wait ?? new RunWait { Key = "", RequestId = requestId, Kind = RunStepKind.Approval, Name = "" }, answer), cancellationToken);
        if (outcome == RunAnswerOutcome.Accepted)
        {
            tools.Audit.Answered(
                answer.IsApproved,
                requestId,
                wait?.Name ?? "",
                new AgentCallContext { TenantId = run.Identity.TenantId, UserId = run.Identity.UserId, SessionId = run.SessionId, RunId = runId, Agent = run.Agent },
                answer.Approver,
                answer.Reason);
        }

        return outcome;
    }

    public ValueTask<RunAnswerOutcome> RaiseEventAsync(
        string runId, string name, JsonElement? payload = null, string? id = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runId);
        RunSteps.CheckName(name);
        if (id is not null)
        {
            RunSteps.CheckName(id, nameof(id));
        }

        return store.RaiseEventAsync(
            runId, new RunSignal { Name = name, Id = id, Payload = JournalFormat.WriteSignal(payload ?? JsonElement.Parse("null")) }, cancellationToken);
    }

    public ValueTask<RunCancelOutcome> CancelAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return store.CancelAsync(runId, cancellationToken);
    }
}
