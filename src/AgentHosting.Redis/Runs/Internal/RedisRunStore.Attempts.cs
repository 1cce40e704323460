using System.Globalization;
using System.Text.Json;
using AgentHosting.Redis.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <content>What workers and their attempts do.</content>
internal sealed partial class RedisRunStore
{
    public IReadOnlyList<ClaimedRun> Claim(RunClaimRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        NoteLease(request.LeaseDuration);
        var nonce = Guid.NewGuid().ToString("N");
        List<RedisValue> arguments = [request.MaxRuns, RedisTime.Of(request.LeaseDuration), request.JournalVersion, request.WorkerId, nonce, request.MaxSuspects];
        foreach (var (agent, room) in request.Agents)
        {
            arguments.Add(agent);
            arguments.Add(room);
        }

        var reply = RunReplies.Items(Evaluate(RunScripts.Claim, [.. arguments]));
        return [.. reply.Select((claim, i) => RunReplies.Claim(claim, request.WorkerId, string.Create(CultureInfo.InvariantCulture, $"{nonce}-{i}")))];
    }

    public IReadOnlyList<RunRenewalOutcome> Renew(IReadOnlyList<RunLease> leases, TimeSpan leaseDuration)
    {
        ArgumentNullException.ThrowIfNull(leases);
        if (leases.Count == 0)
        {
            return [];
        }

        NoteLease(leaseDuration);
        List<RedisValue> arguments = [RedisTime.Of(leaseDuration)];
        foreach (var lease in leases)
        {
            arguments.Add(lease.RunId);
            arguments.Add(lease.Token);
        }

        var reply = RunReplies.Items(Evaluate(RunScripts.Renew, [.. arguments]));
        return [.. reply.Select(static state => (RunRenewalOutcome)(int)state)];
    }

    public async ValueTask<RunWriteOutcome> CommitStepAsync(RunLease lease, RunStep step, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(events);
        List<RedisValue> arguments =
        [
            lease.RunId,
            lease.Token,
            LastCommitted(lease),
            step.Key,
            step.Kind == RunStepKind.Start ? "S" : ":",
            RunArguments.Of(step),
            step.Payload,
            step.Version,
            RunArguments.Flag(step.HasEffects),
            step.Cost is { } cost ? RunArguments.Of(cost) : RedisValue.EmptyString,
            RunArguments.Of(step.Usage),
        ];
        RunArguments.Add(arguments, events);
        var outcome = (RunWriteOutcome)(int)await DurablyAsync(RunScripts.Commit, cancellationToken, [.. arguments]);
        if (outcome != RunWriteOutcome.LeaseLost)
        {
            _lastCommitted.AddOrUpdate(lease, step.Key);
        }

        return outcome;
    }

    public async ValueTask<RunWriteOutcome> NoteStepAsync(RunLease lease, RunStepNote note, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(note);
        return (RunWriteOutcome)(int)await EvaluateAsync(RunScripts.Note, cancellationToken, lease.RunId, lease.Token, LastCommitted(lease), note.Key, note.Version, note.Payload);
    }

    public async ValueTask<RunWriteOutcome> AppendEventsAsync(RunLease lease, long batch, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentNullException.ThrowIfNull(events);
        List<RedisValue> arguments = [lease.RunId, lease.Token, LastCommitted(lease), batch];
        RunArguments.Add(arguments, events);
        // That a step with effects begins is to be known to whoever takes the run over.
        return (RunWriteOutcome)(int)(events.Any(static told => told.HasEffects)
            ? await DurablyAsync(RunScripts.Append, cancellationToken, [.. arguments])
            : await EvaluateAsync(RunScripts.Append, cancellationToken, [.. arguments]));
    }

    public async ValueTask<RunWriteOutcome> CompleteAsync(RunLease lease, RunCompletion completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(completion);
        if (!completion.Status.IsTerminal())
        {
            throw new ArgumentException($"{completion.Status} does not end a run. Use Succeeded, Failed, Cancelled or Expired.", nameof(completion));
        }

        return (RunWriteOutcome)(int)await DurablyAsync(
            RunScripts.Complete,
            cancellationToken,
            lease.RunId,
            lease.Token,
            (int)completion.Status,
            RunArguments.Optional(completion.Result),
            RunArguments.Of(completion.Error),
            RunArguments.Of(completion.Cost),
            completion.Version,
            completion.SessionMessages,
            LastCommitted(lease));
    }

    public async ValueTask<RunWriteOutcome> ReleaseAsync(RunLease lease, RunRelease release, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(release);
        return (RunWriteOutcome)(int)await EvaluateAsync(
            RunScripts.Release, cancellationToken, lease.RunId, lease.Token, release.Failed ? "1" : release.Interrupted ? "2" : RedisValue.EmptyString, RedisTime.Of(release.Delay), RunArguments.Of(release.Cost));
    }

    public async ValueTask<RunWaitResult> OpenWaitAsync(RunLease lease, RunWait wait, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(wait);
        ArgumentNullException.ThrowIfNull(events);
        var rest = new StoredWait { CallId = wait.CallId, Arguments = wait.Arguments, Reason = wait.Reason, Approver = wait.Approver, Timeout = wait.Timeout?.Ticks };
        List<RedisValue> arguments =
        [
            lease.RunId,
            lease.Token,
            LastCommitted(lease),
            wait.Key,
            wait.RequestId,
            (int)wait.Kind,
            wait.Name,
            wait.Timeout is { } timeout ? RedisTime.Of(timeout) : RedisValue.EmptyString,
            JsonSerializer.SerializeToUtf8Bytes(rest, StoredRunJson.Default.StoredWait),
            RunArguments.Packed(wait.AnswerWhenDue),
            RunArguments.Packed(wait.AnswerWhenSuperseded),
        ];
        RunArguments.Add(arguments, events);
        var reply = RunReplies.Items(await DurablyAsync(RunScripts.OpenWait, cancellationToken, [.. arguments]));
        return new RunWaitResult { Outcome = (RunWriteOutcome)(int)reply[0], Answer = RunReplies.Answer(reply[1]) };
    }

    public async ValueTask<RunWriteOutcome> SuspendAsync(RunLease lease, RunSuspension suspension, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(suspension);
        return (RunWriteOutcome)(int)await DurablyAsync(RunScripts.Suspend, cancellationToken, lease.RunId, lease.Token, RunArguments.Of(suspension.Cost));
    }

    public async ValueTask<RunAnswerOutcome> AnswerAsync(string runId, string requestId, RunAnswer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(requestId);
        ArgumentNullException.ThrowIfNull(answer);
        return (RunAnswerOutcome)(int)await DurablyAsync(RunScripts.Answer, cancellationToken, runId, requestId, RunArguments.Packed(answer));
    }

    public async ValueTask<RunAnswerOutcome> RaiseEventAsync(string runId, RunSignal signal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(signal);
        return (RunAnswerOutcome)(int)await DurablyAsync(RunScripts.Raise, cancellationToken, runId, signal.Name, RunArguments.Optional(signal.Id), signal.Payload);
    }

    private RedisValue LastCommitted(RunLease lease) => _lastCommitted.TryGetValue(lease, out var key) ? key : RedisValue.EmptyString;

    // Races do no harm: the next claim or renewal notes it again.
    private void NoteLease(TimeSpan duration) => _longestLease = duration > _longestLease && duration < TimeSpan.FromMinutes(10) ? duration : _longestLease;
}
