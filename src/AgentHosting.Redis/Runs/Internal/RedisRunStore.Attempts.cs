using System.Globalization;
using System.Text.Json;
using AgentHosting.PayloadProtection;
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
        var room = new Dictionary<string, int>(request.Agents, StringComparer.Ordinal);
        List<ClaimedRun> claims = [];
        // Each call begins at another one, so that none is always the last.
        var first = (int)((uint)Interlocked.Increment(ref _claims) % _partitions.Count);
        var rest = Enumerable.Range(0, _partitions.Count).Select(i => (first + i) % _partitions.Count).ToList();
        // Each gives its share; those that had more to give are asked again for what others left.
        while (rest.Count > 0 && claims.Count < request.MaxRuns)
        {
            var asked = rest.ToArray();
            for (var i = 0; i < asked.Length && claims.Count < request.MaxRuns; i++)
            {
                var left = asked.Length - i;
                var share = (request.MaxRuns - claims.Count + left - 1) / left;
                try
                {
                    if (Claim(asked[i], share, request, room, claims) < share)
                    {
                        rest.Remove(asked[i]);
                    }
                }
                catch (RunStoreUnavailableException) when (claims.Count > 0)
                {
                    // What is claimed is leased, and must not be forgotten. The trouble shows again at the next call.
                    return claims;
                }
            }
        }

        return claims;
    }

    private int Claim(int partition, int maxRuns, RunClaimRequest request, Dictionary<string, int> room, List<ClaimedRun> claims)
    {
        var nonce = Guid.NewGuid().ToString("N");
        var suspects = request.MaxSuspects - claims.Count(static claim => claim.Run.Crashes >= RunClaimRequest.SuspectCrashes);
        List<RedisValue> arguments = [maxRuns, RedisTime.Of(request.LeaseDuration), request.JournalVersion, request.WorkerId, nonce, suspects];
        foreach (var (agent, free) in room)
        {
            arguments.Add(agent);
            arguments.Add(free);
        }

        var reply = RunReplies.Items(Evaluate(partition, RunScripts.Claim, [.. arguments]));
        var isAnyPutOff = false;
        for (var i = 0; i < reply.Length; i++)
        {
            var (lease, owner) = RunReplies.Lease(reply[i], request.WorkerId, string.Create(CultureInfo.InvariantCulture, $"{nonce}-{i}"));
            Remember(lease, owner);
            try
            {
                var claim = RunReplies.Claim(reply[i], lease, _seal);
                claims.Add(claim);
                room[claim.Run.Agent]--;
            }
            catch (PayloadProtectionException exception)
            {
                FailUnreadable(lease, exception);
            }
            catch (Exception exception)
            {
                // A protector throws so where it is to be tried again. What else was claimed is leased, and must not be forgotten.
                PutOff(lease, exception, request.LeaseDuration);
                isAnyPutOff = true;
            }
        }

        // As if it had given less than its share: the rest of the queue would come to the same.
        return isAnyPutOff ? 0 : reply.Length;
    }

    public IReadOnlyList<RunRenewalOutcome> Renew(IReadOnlyList<RunLease> leases, TimeSpan leaseDuration)
    {
        ArgumentNullException.ThrowIfNull(leases);
        if (leases.Count == 0)
        {
            return [];
        }

        NoteLease(leaseDuration);
        var outcomes = new RunRenewalOutcome[leases.Count];
        var groups = Enumerable.Range(0, leases.Count).GroupBy(i => _partitions.OfRun(leases[i].RunId)).Select(static group => (Partition: group.Key, Places: group.ToArray())).ToList();
        if (groups.Count == 1)
        {
            Renew(groups[0].Partition, leases, leaseDuration, groups[0].Places, outcomes);
            return outcomes;
        }

        // All at once: while the server of some does not answer, each costs the time limit of a command, and the leases of the others would end meanwhile. On threads of their own, as the caller's.
        var failures = groups.ConvertAll(group => Task.Factory.StartNew(
            () => FindWhyNotRenewed(group.Partition, leases, leaseDuration, group.Places, outcomes), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        Task.WaitAll(failures);
        return failures.Exists(static failure => failure.Result is null) ? outcomes : throw new RunStoreUnavailableException(failures[0].Result!.Message, failures[0].Result!);
    }

    /// <returns>Why nothing is known of the leases; <see langword="null"/> where they were renewed.</returns>
    private RunStoreUnavailableException? FindWhyNotRenewed(int partition, IReadOnlyList<RunLease> leases, TimeSpan leaseDuration, int[] places, RunRenewalOutcome[] outcomes)
    {
        try
        {
            Renew(partition, leases, leaseDuration, places, outcomes);
            return null;
        }
        catch (RunStoreUnavailableException exception)
        {
            // The server of one partition is away, those of others need not be.
            foreach (var i in places)
            {
                outcomes[i] = RunRenewalOutcome.Unknown;
            }

            return exception;
        }
    }

    private void Renew(int partition, IReadOnlyList<RunLease> leases, TimeSpan leaseDuration, int[] places, RunRenewalOutcome[] outcomes)
    {
        List<RedisValue> arguments = [RedisTime.Of(leaseDuration)];
        foreach (var i in places)
        {
            arguments.Add(leases[i].RunId);
            arguments.Add(leases[i].Token);
        }

        var reply = RunReplies.Items(Evaluate(partition, RunScripts.Renew, [.. arguments]));
        foreach (var (i, state) in places.Zip(reply))
        {
            outcomes[i] = (RunRenewalOutcome)(int)state;
        }
    }

    public async ValueTask<RunWriteOutcome> CommitStepAsync(RunLease lease, RunStep step, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(events);
        if (await PayloadsOfAsync(lease, cancellationToken) is not { } payloads)
        {
            return RunWriteOutcome.LeaseLost;
        }

        List<RedisValue> arguments =
        [
            lease.RunId,
            lease.Token,
            LastCommitted(lease),
            step.Key,
            step.Kind == RunStepKind.Start ? "S" : ":",
            RunArguments.Of(step),
            payloads.Seal(PayloadKinds.Step, step.Payload),
            step.Version,
            RunArguments.Flag(step.HasEffects),
            step.Cost is { } cost ? RunArguments.Of(cost) : RedisValue.EmptyString,
            RunArguments.Of(step.Usage),
        ];
        RunArguments.Add(arguments, events, payloads);
        var outcome = (RunWriteOutcome)(int)await DurablyAsync(_partitions.OfRun(lease.RunId), RunScripts.Commit, cancellationToken, [.. arguments]);
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
        return await PayloadsOfAsync(lease, cancellationToken) is not { } payloads
            ? RunWriteOutcome.LeaseLost
            : (RunWriteOutcome)(int)await EvaluateAsync(
                _partitions.OfRun(lease.RunId), RunScripts.Note, cancellationToken, lease.RunId, lease.Token, LastCommitted(lease), note.Key, note.Version, payloads.Seal(PayloadKinds.Note, note.Payload));
    }

    public async ValueTask<RunWriteOutcome> AppendEventsAsync(RunLease lease, long batch, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentNullException.ThrowIfNull(events);
        if (await PayloadsOfAsync(lease, cancellationToken) is not { } payloads)
        {
            return RunWriteOutcome.LeaseLost;
        }

        List<RedisValue> arguments = [lease.RunId, lease.Token, LastCommitted(lease), batch];
        RunArguments.Add(arguments, events, payloads);
        // That a step with effects begins is to be known to whoever takes the run over.
        return (RunWriteOutcome)(int)(events.Any(static told => told.HasEffects)
            ? await DurablyAsync(_partitions.OfRun(lease.RunId), RunScripts.Append, cancellationToken, [.. arguments])
            : await EvaluateAsync(_partitions.OfRun(lease.RunId), RunScripts.Append, cancellationToken, [.. arguments]));
    }

    public async ValueTask<RunWriteOutcome> CompleteAsync(RunLease lease, RunCompletion completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(completion);
        if (!completion.Status.IsTerminal())
        {
            throw new ArgumentException($"{completion.Status} does not end a run. Use Succeeded, Failed, Cancelled or Expired.", nameof(completion));
        }

        return await PayloadsOfAsync(lease, cancellationToken) is not { } payloads
            ? RunWriteOutcome.LeaseLost
            : (RunWriteOutcome)(int)await DurablyAsync(_partitions.OfRun(lease.RunId), RunScripts.Complete, cancellationToken, Completion(lease, completion, payloads));
    }

    private RedisValue[] Completion(RunLease lease, RunCompletion completion, RunPayloads payloads) =>
        [
            lease.RunId,
            lease.Token,
            (int)completion.Status,
            RunArguments.Optional(PayloadKinds.Result, completion.Result, payloads),
            RunArguments.Of(completion.Error, payloads),
            RunArguments.Of(completion.Cost),
            completion.Version,
            payloads.Seal(PayloadKinds.Turn, completion.SessionMessages),
            LastCommitted(lease),
        ];

    public async ValueTask<RunWriteOutcome> ReleaseAsync(RunLease lease, RunRelease release, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(release);
        return (RunWriteOutcome)(int)await EvaluateAsync(_partitions.OfRun(lease.RunId), RunScripts.Release, cancellationToken, Release(lease, release));
    }

    private static RedisValue[] Release(RunLease lease, RunRelease release) =>
        [lease.RunId, lease.Token, release.Failed ? "1" : release.Interrupted ? "2" : RedisValue.EmptyString, RedisTime.Of(release.Delay), RunArguments.Of(release.Cost)];

    public async ValueTask<RunWaitResult> OpenWaitAsync(RunLease lease, RunWait wait, IReadOnlyList<AgentRunEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(wait);
        ArgumentNullException.ThrowIfNull(events);
        if (await PayloadsOfAsync(lease, cancellationToken) is not { } payloads)
        {
            return new RunWaitResult { Outcome = RunWriteOutcome.LeaseLost };
        }

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
            payloads.Seal(PayloadKinds.Wait, JsonSerializer.SerializeToUtf8Bytes(rest, StoredRunJson.Default.StoredWait)),
            RunArguments.Packed(wait.AnswerWhenDue, payloads),
            RunArguments.Packed(wait.AnswerWhenSuperseded, payloads),
        ];
        RunArguments.Add(arguments, events, payloads);
        var reply = RunReplies.Items(await DurablyAsync(_partitions.OfRun(lease.RunId), RunScripts.OpenWait, cancellationToken, [.. arguments]));
        return new RunWaitResult { Outcome = (RunWriteOutcome)(int)reply[0], Answer = RunReplies.Answer(reply[1], payloads) };
    }

    public async ValueTask<RunWriteOutcome> SuspendAsync(RunLease lease, RunSuspension suspension, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(suspension);
        return (RunWriteOutcome)(int)await DurablyAsync(
            _partitions.OfRun(lease.RunId), RunScripts.Suspend, cancellationToken, lease.RunId, lease.Token, RunArguments.Of(suspension.Cost));
    }

    public async ValueTask<RunAnswerOutcome> AnswerAsync(string runId, string requestId, RunAnswer answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(requestId);
        ArgumentNullException.ThrowIfNull(answer);
        return await PayloadsOfAsync(runId, cancellationToken) is not { } payloads
            ? RunAnswerOutcome.NotFound
            : (RunAnswerOutcome)(int)await DurablyAsync(_partitions.OfRun(runId), RunScripts.Answer, cancellationToken, runId, requestId, RunArguments.Packed(answer, payloads));
    }

    public async ValueTask<RunAnswerOutcome> RaiseEventAsync(string runId, RunSignal signal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(signal);
        return await PayloadsOfAsync(runId, cancellationToken) is not { } payloads
            ? RunAnswerOutcome.NotFound
            : (RunAnswerOutcome)(int)await DurablyAsync(
                _partitions.OfRun(runId), RunScripts.Raise, cancellationToken, runId, signal.Name, RunArguments.Optional(signal.Id), payloads.Seal(PayloadKinds.Step, signal.Payload));
    }

    private RedisValue LastCommitted(RunLease lease) => _lastCommitted.TryGetValue(lease, out var key) ? key : RedisValue.EmptyString;

    // Races do no harm: the next claim or renewal notes it again.
    private void NoteLease(TimeSpan duration) => _longestLease = duration > _longestLease && duration < TimeSpan.FromMinutes(10) ? duration : _longestLease;
}
