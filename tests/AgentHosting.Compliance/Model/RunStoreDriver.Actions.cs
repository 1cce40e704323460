using System.Globalization;
using System.Text.Json;
using AgentHosting.Runs;
using static AgentHosting.Compliance.Model.RunStoreComparison;

namespace AgentHosting.Compliance.Model;

/// <content>The commands themselves: the store's answer beside the model's.</content>
internal sealed partial class RunStoreDriver
{
    private async ValueTask<string> EnqueueAsync(RunSubmission submission)
    {
        var actual = await _store.EnqueueAsync(submission, Token);
        var answer = Answered(_model.Enqueue(submission), actual);
        if (actual.Outcome == RunEnqueueOutcome.Enqueued)
        {
            Note(submission.Id);
        }

        return answer;
    }

    private async ValueTask<string> FindByKeyAsync(RunSubmission submission) =>
        Answered(_model.FindByKey(submission), await _store.FindByIdempotencyKeyAsync(submission, Token));

    private static string Answered(RunEnqueueResult? expected, RunEnqueueResult? actual)
    {
        Same("answer", (expected?.Outcome, expected?.RunId, expected?.RequestId, expected?.Step), (actual?.Outcome, actual?.RunId, actual?.RequestId, actual?.Step));
        return $"{actual?.Outcome} {actual?.RunId}";
    }

    private void Note(string id)
    {
        _names[id] = string.Create(CultureInfo.InvariantCulture, $"r{_names.Count}");
        _observed.Add(new ObservedRun(id));
    }

    private async ValueTask<string> ClaimAsync(RunClaimRequest request)
    {
        var claims = await _store.ClaimAsync(request, Token);
        _model.BeginClaim();
        var someExpired = await FollowExpiriesAsync(request);
        _model.Claim(request, claims, someExpired);
        foreach (var claim in claims)
        {
            var model = _model.Find(claim.Lease.RunId)!;
            Same("lease", (request.WorkerId, model.Attempts, model.Id), (claim.Lease.WorkerId, claim.Lease.Attempt, claim.Run.Id));
            Same("token is new", false, _leases.Exists(lease => lease.RunId == claim.Lease.RunId && (lease.Token == claim.Lease.Token || lease.Epoch >= claim.Lease.Epoch)));
            Same(model, claim.Run);
            SameJournal("journal of a claim", [.. model.Steps.Select(static entry => entry.Step)], claim.Journal);
            Same(model.Session, claim.Session, model.Session?.PlaceOf(model.Replaces));
            Same("unfinished steps", true, model.Begun.SetEquals(claim.UnfinishedSteps));
            Same("trace", model.Submission.TraceParent, claim.TraceParent);
            _leases.Add(claim.Lease);
        }

        return string.Join(' ', claims.Select(static claim => claim.Run.Id));
    }

    /// <summary>Of ready runs whose time is up a claim ends those that it comes upon; which these are is the store's choice.</summary>
    private async ValueTask<bool> FollowExpiriesAsync(RunClaimRequest request)
    {
        var someExpired = false;
        var found = true;
        while (found)
        {
            found = false;
            foreach (var run in _model.ExpiredOf(request))
            {
                someExpired = true;
                if (await _store.GetAsync(run.Id, Token) is { Status: AgentRunStatus.Expired })
                {
                    _model.FollowExpiry(run);
                    found = true;
                }
            }
        }

        return someExpired;
    }

    private async ValueTask<string> RenewAsync(RunLease[] leases, TimeSpan duration)
    {
        var actual = await _store.RenewAsync(leases, duration, Token);
        var answers = string.Join(' ', actual);
        Same("renewals", string.Join(' ', leases.Select(lease => _model.Renew(lease, duration))), answers);
        return answers;
    }

    /// <summary>A write of an attempt. Where the lease is lost, nothing may have changed (I7).</summary>
    private async ValueTask<string> FencedAsync(RunLease lease, Func<ValueTask<RunWriteOutcome>> write, Func<RunWriteOutcome> predict)
    {
        var before = await StateAsync(lease.RunId);
        var outcome = await write();
        if (outcome != RunWriteOutcome.Committed && await StateAsync(lease.RunId) != before)
        {
            throw new RunStoreModelException($"I7: a write of {lease.RunId} was answered with {outcome} and changed it.");
        }

        Same("write of " + lease.RunId, predict(), outcome);
        return outcome.ToString();
    }

    private async ValueTask<(string Run, long LastEvent)> StateAsync(string id) =>
        (JsonSerializer.Serialize(await _store.GetAsync(id, Token)), (await _store.ReadEventsAsync(id, 0, 1, Token))?.LastSequence ?? 0);

    private async ValueTask<string> OpenWaitAsync(RunLease lease, RunWait wait)
    {
        AgentRunEvent[] asked = [new() { Type = AgentRunEventTypes.ApprovalRequested, RequestId = wait.RequestId, Step = wait.Key }];
        var actual = await _store.OpenWaitAsync(lease, wait, asked, Token);
        var expected = _model.OpenWait(lease, wait, asked);
        Same("wait of " + lease.RunId, expected.Outcome, actual.Outcome);
        SameStep("answer of a wait", expected.Answer, actual.Answer);
        return actual.Outcome.ToString();
    }

    private async ValueTask<string> AnswerAsync(string id, string requestId, RunAnswer answer)
    {
        var actual = await _store.AnswerAsync(id, requestId, answer, Token);
        Same($"answer {requestId} of {id}", _model.Answer(id, requestId, answer), actual);
        return actual.ToString();
    }

    private async ValueTask<string> RaiseAsync(string id, RunSignal signal)
    {
        var actual = await _store.RaiseEventAsync(id, signal, Token);
        Same($"event {signal.Name} of {id}", _model.Raise(id, signal), actual);
        // Every event without an id counts.
        return signal.Id is null ? "Raised" : actual.ToString();
    }

    private async ValueTask<string> CancelAsync(string id)
    {
        var actual = await _store.CancelAsync(id, Token);
        Same("cancelling of " + id, _model.Cancel(id), actual);
        return actual.ToString();
    }

    private async ValueTask<string> SweepAsync(int maxCrashes)
    {
        var actual = await _store.SweepAsync(new() { MaxCrashes = maxCrashes, Limit = 1_000 }, Token);
        var expected = _model.Sweep(maxCrashes);
        Same(
            "sweep (recovered, failed, cancelled, expired, removed)",
            (expected.Recovered, expected.Failed, expected.Cancelled, expected.Expired, expected.Removed),
            (actual.Recovered, actual.Failed, actual.Cancelled, actual.Expired, actual.Removed));
        return $"{actual.Recovered} {actual.Failed} {actual.Cancelled} {actual.Expired} {actual.Removed}";
    }

    private async ValueTask<string> RequeueAsync((string Id, RunRequeue Requeue) command)
    {
        var actual = await _store.RequeueAsync(command.Id, command.Requeue, Token);
        var wasKnown = _model.Find(command.Requeue.NewRunId) is not null;
        var expected = _model.Requeue(command.Id, command.Requeue);
        Same("requeuing of " + command.Id, (expected.Outcome, expected.RunId), (actual.Outcome, actual.RunId));
        if (!wasKnown && _model.Find(command.Requeue.NewRunId) is not null)
        {
            Note(command.Requeue.NewRunId);
        }

        return $"{actual.Outcome} {actual.RunId}";
    }

    private async ValueTask<string> RemoveAsync(string id)
    {
        var actual = await _store.RemoveAsync(id, Token);
        Same("removal of " + id, _model.Remove(id), actual);
        _invariants.NoteRemoved(actual == RunRemoveOutcome.Removed ? id : "");
        return actual.ToString();
    }

    private async ValueTask<string> DeleteSessionAsync(AgentIdentity owner, string id)
    {
        var actual = await _store.DeleteSessionAsync(owner, id, Token);
        Same("deletion of session " + id, _model.DeleteSession(owner, id), actual);
        return actual.ToString();
    }

    private async ValueTask<string> EraseUserAsync(AgentIdentity user, int limit)
    {
        var actual = await _store.EraseUserAsync(user, limit, Token);
        var before = _model.Runs.ConvertAll(static run => run.Id);
        var expected = _model.EraseUser(user, limit);
        before.Except(_model.Runs.Select(static run => run.Id)).ToList().ForEach(_invariants.NoteRemoved);
        Same(
            "erasure (runs, sessions, running, complete)",
            (expected.Runs, expected.Sessions, expected.Running, expected.IsComplete),
            (actual.Runs, actual.Sessions, actual.Running, actual.IsComplete));
        return $"{actual.Runs} {actual.Sessions} {actual.Running} {actual.IsComplete}";
    }

    private async ValueTask<string> ListAsync(RunStoreCommand command)
    {
        AgentRunStatus? status = command.A < 8 ? null : (AgentRunStatus)(command.A < 11 ? command.A - 8 : command.A - 1);
        var found = new List<string>();
        string? after = null;
        do
        {
            var query = new RunQuery
            {
                Status = status,
                Agent = command.B < 10 ? null : "a",
                TenantId = command.B % 4 == 0 ? "t1" : null,
                SessionId = Session(command.C & 3),
                IsDeadLetter = command.C < 12 ? null : command.C < 14,
                After = after,
                PageSize = 1 + (command.Target % 4),
            };
            var page = await _store.ListAsync(query, Token);
            found.AddRange(page.Runs.Select(static run => run.Id));
            after = page.Next;
            Same("list", string.Join(' ', _model.List(query).Take(found.Count)), string.Join(' ', found));
            Same("end of the list", after is null, _model.List(query).Count == found.Count);
        }
        while (after is not null);
        return $"{found.Count} runs";
    }

    private async ValueTask<string> ReadAsync(string id, int after, int count)
    {
        var page = await _store.ReadEventsAsync(id, after, count, Token);
        var expected = _model.Find(id)?.Events.Skip(after).Take(count).ToList();
        Same("number of events", expected?.Count, page?.Events.Count);
        for (var i = 0; i < expected?.Count; i++)
        {
            Same("event " + Text(after + i + 1), expected[i], page!.Events[i]);
        }

        return $"{page?.Events.Count} events";
    }

    private async ValueTask<string> AdvanceAsync(TimeSpan time)
    {
        await test.AdvanceAsync(time);
        _model.Now = test.Clock.GetUtcNow();
        return time.ToString();
    }
}
