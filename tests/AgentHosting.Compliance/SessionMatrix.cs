using System.Collections.Concurrent;
using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

/// <summary>
/// Twenty messages at once for one session whose first run is in a given state, with workers that finish, fail, wait and die. The oracle knows what was accepted, and what before what:
/// each accepted message is in the transcript once, in that order, but for those of runs that a rollback took out.
/// </summary>
internal sealed partial class SessionMatrix(
    IRunStore store, int seed, string policy, string headState, TimeSpan unit, Func<TimeSpan, ValueTask> advanceAsync, CancellationToken cancellationToken)
{
    public static readonly string[] Policies = ["enqueue", "supersede", "reject", "interrupt", "rollback"];
    public static readonly string[] Heads = ["running", "waiting", "queued", "dead"];
    private const int Submitters = 5;
    private const int MessagesEach = 4;
    private static readonly AgentIdentity Owner = new() { UserId = "ann" };
    private readonly ConcurrentDictionary<string, Submitted> _submitted = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<(string RunId, long Version)> _claims = [];
    private readonly TaskCompletionSource _firstAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _headHasEffects = seed % 2 == 1;
    private ClaimedRun? _headClaim;
    private string _headId = "";
    private RunEnqueueOutcome? _firstOutcome;
    private long _stamp;
    private volatile bool _allSubmitted;
    private volatile bool _done;

    private sealed record Submitted(string RunId, long Start, long End, RunEnqueueOutcome Outcome);

    public async Task RunAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await PrepareHeadAsync();
        var submitting = Task.WhenAll(Enumerable.Range(0, Submitters).Select(i => Task.Run(() => SubmitAsync(i), limit.Token)));
        // Before anybody else acts, so that the first message meets the first run as it was left.
        await Task.WhenAny(_firstAnswered.Task, submitting);
        var others = Task.WhenAll([.. Enumerable.Range(0, 3).Select(i => Task.Run(() => WorkAsync(i, limit.Token), limit.Token)), Task.Run(() => TidyAsync(limit.Token), limit.Token)]);
        await submitting;
        _allSubmitted = true;
        await others;
        await CheckAsync();
    }

    public string Describe() => string.Join("; ", _submitted.OrderBy(entry => entry.Value.Start).Select(entry => $"{entry.Key} {entry.Value}"));

    private async Task PrepareHeadAsync()
    {
        _headId = (await EnqueueAsync("head", SessionBusyPolicy.Enqueue, supersede: false)).RunId!;
        if (headState == "queued")
        {
            return;
        }

        _headClaim = Assert.Single(await ClaimAsync(1, headState == "dead" ? unit : unit * 1000));
        _claims.Add((_headId, 0));
        await BeginAsync(_headClaim, _headHasEffects);
        if (headState == "waiting")
        {
            await WaitAsync(_headClaim);
        }
        else if (headState == "dead")
        {
            await advanceAsync(unit * 1.25);
        }
    }

    private async Task SubmitAsync(int number)
    {
        for (var i = 0; i < MessagesEach; i++)
        {
            var result = await EnqueueAsync($"m{number}.{i}", policy switch
            {
                "reject" => SessionBusyPolicy.Reject,
                "interrupt" => SessionBusyPolicy.Interrupt,
                "rollback" => SessionBusyPolicy.Rollback,
                _ => SessionBusyPolicy.Enqueue,
            }, policy == "supersede");
            lock (_firstAnswered)
            {
                _firstOutcome ??= result.Outcome;
            }

            _firstAnswered.TrySetResult();
            await Task.Yield();
        }
    }

    private async Task<RunEnqueueResult> EnqueueAsync(string message, SessionBusyPolicy onBusy, bool supersede)
    {
        var submission = new RunSubmission
        {
            Id = store.CreateRunId(Owner.UserId),
            Agent = "a",
            Message = message,
            Identity = Owner,
            SessionId = "s",
            OnBusy = onBusy,
            Supersede = supersede,
            ExpireAfter = unit * 100_000,
            IdempotencyKey = message,
            Fingerprint = message,
        };
        var start = Interlocked.Increment(ref _stamp);
        var result = await store.EnqueueAsync(submission, cancellationToken);
        _submitted[message] = new Submitted(submission.Id, start, Interlocked.Increment(ref _stamp), result.Outcome);
        if (result.Outcome == RunEnqueueOutcome.Enqueued)
        {
            // The same again does nothing to whoever is first by now.
            Assert.Equal(RunEnqueueOutcome.Replayed, (await store.EnqueueAsync(submission, cancellationToken)).Outcome);
        }

        return result;
    }

    private async Task CheckAsync()
    {
        var session = (await store.GetSessionAsync(Owner, "s", cancellationToken))!;
        var turns = session.Turns.Select(turn => (turn.RunId, Message: turn.Message ?? Encoding.UTF8.GetString(turn.Messages.Span))).ToList();
        var place = turns.Index().ToDictionary(turn => turn.Item.Message, turn => turn.Index, StringComparer.Ordinal);
        Assert.Equal(turns.Count, session.Version);
        foreach (var (message, submitted) in _submitted)
        {
            var run = await store.GetAsync(submitted.RunId, cancellationToken);
            Assert.Equal(IsKept(submitted, run), place.ContainsKey(message));
        }

        var kept = _submitted.Where(entry => place.ContainsKey(entry.Key)).ToList();
        Assert.Equal(turns.Count, kept.Count);
        Assert.All(kept, entry => Assert.Equal(entry.Value.RunId, turns[place[entry.Key]].RunId));
        foreach (var (earlier, first) in kept)
        {
            Assert.All(kept.Where(later => first.End < later.Value.Start), later => Assert.True(place[earlier] < place[later.Key], $"{later.Key} was accepted after {earlier} and stands before it."));
        }

        // One at a time: whoever runs sees all turns before its own, and no other.
        var places = turns.Index().ToDictionary(turn => turn.Item.RunId, turn => turn.Index, StringComparer.Ordinal);
        Assert.All(_claims.Where(claim => places.ContainsKey(claim.RunId)), claim => Assert.Equal(places[claim.RunId], claim.Version));
        await CheckFirstAsync();
    }

    /// <summary>What is to become of the message, by what the store has answered.</summary>
    private bool IsKept(Submitted submitted, AgentRun? run)
    {
        if (submitted.Outcome != RunEnqueueOutcome.Enqueued)
        {
            Assert.Null(run);
            Assert.Equal(policy switch { "enqueue" => RunEnqueueOutcome.SessionWaiting, "reject" => RunEnqueueOutcome.SessionBusy, _ => RunEnqueueOutcome.RollbackRefused }, submitted.Outcome);
            Assert.Contains(policy, (string[])["enqueue", "reject", "rollback"]);
            return false;
        }

        Assert.True(run!.Status.IsTerminal());
        if (run.Status != AgentRunStatus.Cancelled)
        {
            return true;
        }

        Assert.Contains(policy, (string[])["interrupt", "rollback"]);
        Assert.True(policy == "interrupt" ? run.StartedAt is not null : run.Steps.All(step => !step.HasEffects));
        return policy == "interrupt";
    }

    /// <summary>The first message met the first run before anybody else could, so what became of both is known.</summary>
    private async Task CheckFirstAsync()
    {
        var head = (await store.GetAsync(_headId, cancellationToken))!;
        var isRolledBack = policy == "rollback" && !(_headHasEffects && headState != "queued");
        Assert.Equal(policy switch
        {
            "reject" => RunEnqueueOutcome.SessionBusy,
            "enqueue" when headState == "waiting" => RunEnqueueOutcome.SessionWaiting,
            "rollback" when !isRolledBack => RunEnqueueOutcome.RollbackRefused,
            _ => RunEnqueueOutcome.Enqueued,
        }, _firstOutcome);
        if (policy == "interrupt" && headState == "queued")
        {
            // Left by the first message, and by a later one only if no worker had it by then.
            Assert.True(head.StartedAt is not null);
        }
        else
        {
            Assert.Equal(isRolledBack || policy == "interrupt", head.Status == AgentRunStatus.Cancelled);
        }

        if (policy == "supersede" && headState == "waiting")
        {
            Assert.Equal(RunAnswerOutcome.Repeated, await store.AnswerAsync(_headId, _headId, AnswerOf("superseded"), cancellationToken));
        }
    }
}
