using AgentHosting.Compliance;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentHosting.Runs;
using Microsoft.Extensions.Time.Testing;

namespace AgentHosting.Redis.Tests.Runs;

/// <summary>Asks two stores the same, at random and with odd values, and compares all that they answer.</summary>
internal sealed partial class RunStoreTwins(IRunStore first, IRunStore second, FakeTimeProvider time, int seed, bool foldsEvents, bool countsBytes)
{
    private static readonly JsonSerializerOptions _json = new() { MaxDepth = 2_000 };
    private static readonly string[] _names = ["a", "a:b", "\"q\"", "back\\", "nul\0nul", "\u00e9\U0001F600", "%d%s", "{x}", "1", " ", "\n", "\\\"", new string('x', 300)];
    private static readonly string[] _keys = ["1", "2", "3", "1/a", "2.\\", "\"k\"", "4\0", "n"];
    private static readonly decimal[] _costs = [0, 0.1m, 1.000m, 79228162514264337593543950m, 0.0000000000000000000000000001m, 1.2345678901234567890123456789m];
    private static readonly TimeSpan[] _spans = [TimeSpan.Zero, TimeSpan.FromTicks(10), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1), TimeSpan.MaxValue];
    private readonly Random _random = new(seed);
    private readonly List<string> _ids = ["run_1_other", ""];
    private readonly List<(RunLease First, RunLease Second)> _leases = [];
    private readonly List<string> _log = [];

    public async Task RunAsync(int steps, CancellationToken cancellationToken)
    {
        for (var i = 0; i < steps; i++)
        {
            await StepAsync(cancellationToken);
            if (_ids.Count > 2)
            {
                var id = Id();
                await SameAsync($"get {id}", store => store.GetAsync(id, cancellationToken));
            }
        }
    }

    private async Task StepAsync(CancellationToken token)
    {
        switch (_random.Next(26))
        {
            case 0 or 1 or 2:
                var submission = Submission();
                await SameAsync($"find {submission.Id}", store => store.FindByIdempotencyKeyAsync(submission, token));
                await TwiceAsync($"enqueue {Text(submission)}", store => store.EnqueueAsync(submission, token));
                break;
            case 3 or 4 or 5:
                await ClaimAsync(token);
                break;
            case 6:
                time.Advance(Of(_spans[1..5]) + TimeSpan.FromTicks(10 * _random.Next(3)));
                break;
            case 7:
                time.AdjustTime(time.GetUtcNow() - TimeSpan.FromSeconds(_random.Next(5)));
                break;
            case 8:
                var request = new RunSweepRequest { MaxCrashes = _random.Next(3), Limit = 1 + _random.Next(5) };
                await TwiceAsync("sweep", store => store.SweepAsync(request, token));
                break;
            case 9:
                var (id, signal) = (Id(), new RunSignal { Name = Of(_names[..4]), Id = _random.Next(3) switch { 0 => null, 1 => "", _ => Of(_names) }, Payload = Bytes() });
                await TwiceAsync($"raise {id} {signal.Name}", store => store.RaiseEventAsync(id, signal, token));
                break;
            case 10:
                var (run, asked, answer) = (Id(), Of(_names[..4]), Answer());
                await TwiceAsync($"answer {run} {asked}", store => store.AnswerAsync(run, asked, answer, token));
                break;
            case 11:
                await ReadAsync(token);
                break;
            case 12:
                await AdminAsync(token);
                break;
            default:
                await AttemptAsync(token);
                break;
        }
    }

    private async Task ClaimAsync(CancellationToken token)
    {
        var request = new RunClaimRequest
        {
            WorkerId = Of(_names),
            MaxRuns = 1 + _random.Next(3),
            Agents = _names.Take(4).ToDictionary(static name => name, _ => _random.Next(4)),
            LeaseDuration = Of(_spans[2..]),
            JournalVersion = _random.Next(3) == 0 ? 1 : int.MaxValue,
        };
        var one = await first.ClaimAsync(request, token);
        var two = await second.ClaimAsync(request, token);
        _log.Add($"claim {one.Count}");
        Same("claim", one.Select(Plain), two.Select(Plain));
        _leases.AddRange(one.Zip(two, static (a, b) => (a.Lease, b.Lease)));

        static object Plain(ClaimedRun claim) => new
        {
            claim.Lease.Epoch,
            claim.Lease.Attempt,
            claim.Run,
            claim.Journal,
            claim.Session,
            Unfinished = claim.UnfinishedSteps.Order(StringComparer.Ordinal),
            Notes = claim.Notes.OrderBy(static note => note.Key, StringComparer.Ordinal),
            claim.TraceParent,
        };
    }

    private async Task AttemptAsync(CancellationToken token)
    {
        if (_leases.Count == 0)
        {
            return;
        }

        var pair = _random.Next(8) > 0 ? Of([.. _leases.TakeLast(3)]) : Of(_leases);
        RunLease Lease(IRunStore store) => store == first ? pair.First : pair.Second;
        var id = pair.First.RunId;
        switch (_random.Next(11))
        {
            case 0 or 1:
                var (step, told) = (Step(), Events(4));
                await TwiceAsync($"commit {id} {step.Key}", store => store.CommitStepAsync(Lease(store), step, told, token));
                break;
            case 2:
                var note = new RunStepNote { Key = Of(_keys), Version = Version(), Payload = Bytes() };
                await TwiceAsync($"note {id} {note.Key}", store => store.NoteStepAsync(Lease(store), note, token));
                break;
            case 3 or 4 or 5:
                var (batch, events) = (1 + _random.Next(6), Events(12));
                await TwiceAsync($"append {id} {batch}", store => store.AppendEventsAsync(Lease(store), batch, events, token));
                break;
            case 6 or 7:
                var (wait, asks) = (Wait(), Events(3));
                await TwiceAsync($"wait {id} {wait.Key}", store => store.OpenWaitAsync(Lease(store), wait, asks, token));
                break;
            case 8:
                var suspension = new RunSuspension { Cost = Of(_costs) };
                await TwiceAsync($"suspend {id}", store => store.SuspendAsync(Lease(store), suspension, token));
                break;
            case 9:
                var release = new RunRelease { Failed = _random.Next(2) == 0, Interrupted = _random.Next(3) == 0, Delay = Of(_spans[..5]), Cost = Of(_costs) };
                await TwiceAsync($"release {id}", store => store.ReleaseAsync(Lease(store), release, token));
                break;
            default:
                var completion = new RunCompletion
                {
                    Status = Of([AgentRunStatus.Succeeded, AgentRunStatus.Failed, AgentRunStatus.Failed, AgentRunStatus.Cancelled]),
                    Result = _random.Next(2) == 0 ? null : Of(_names),
                    Error = _random.Next(2) == 0 ? null : new AgentRunError { Code = Of(_names), Message = Of(_names) },
                    Cost = Of(_costs),
                    Version = Version(),
                    SessionMessages = Bytes(),
                };
                await TwiceAsync($"complete {id} {completion.Status}", store => store.CompleteAsync(Lease(store), completion, token));
                break;
        }

        var length = Of(_spans[..5]);
        var leases = _leases.ToList();
        if (_random.Next(3) > 0)
        {
            return;
        }

        await SameAsync("renew", store => store.RenewAsync([.. leases.TakeLast(3).Select(known => store == first ? known.First : known.Second)], length, token));
    }

    private async Task ReadAsync(CancellationToken token)
    {
        var (id, after, most) = (Id(), (long)_random.Next(30), 1 + _random.Next(20));
        await SameAsync($"events {id} {after} {most}", store => store.ReadEventsAsync(id, after, most, token));
        await SameAsync("statistics", store => store.GetStatisticsAsync(token));
        var (owner, session) = (Owner(), Of(_names[3..5]));
        await SameAsync("session", store => store.GetSessionAsync(owner, session, token));
        var query = new RunQuery
        {
            Status = _random.Next(3) == 0 ? Of([AgentRunStatus.Queued, AgentRunStatus.Failed, AgentRunStatus.Waiting]) : null,
            Agent = _random.Next(4) == 0 ? Of(_names) : null,
            TenantId = _random.Next(4) == 0 ? Of(_names) : null,
            UserId = _random.Next(4) == 0 ? Of(_names) : null,
            SessionId = _random.Next(4) == 0 ? Of(_names) : null,
            IsDeadLetter = _random.Next(4) == 0 ? _random.Next(2) == 0 : null,
            PageSize = 1 + _random.Next(4),
        };
        await SameAsync("list", store => ListAsync(store, query, token));
    }

    private async Task AdminAsync(CancellationToken token)
    {
        var id = Id();
        switch (_random.Next(7))
        {
            case 6:
                var (user, limit) = (Owner(), 1 + _random.Next(3));
                await TwiceAsync("erase user", store => store.EraseUserAsync(user, limit, token));
                break;
            case 0:
                await TwiceAsync($"cancel {id}", store => store.CancelAsync(id, token));
                break;
            case 1 or 2 or 3:
                var requeue = new RunRequeue { NewRunId = NewId(), KeepJournal = _random.Next(2) == 0, ExpireAfter = Of(_spans[2..]) };
                await TwiceAsync($"requeue {id} {requeue.KeepJournal}", store => store.RequeueAsync(id, requeue, token));
                break;
            case 4:
                await TwiceAsync($"remove {id}", store => store.RemoveAsync(id, token));
                break;
            default:
                var (owner, session) = (Owner(), Of(_names[3..5]));
                await TwiceAsync("delete session", store => store.DeleteSessionAsync(owner, session, token));
                break;
        }
    }

    private static async ValueTask<List<AgentRun>> ListAsync(IRunStore store, RunQuery query, CancellationToken token)
    {
        var runs = new List<AgentRun>();
        for (string? after = null; ;)
        {
            var page = await store.ListAsync(
                new RunQuery
                {
                    Status = query.Status,
                    Agent = query.Agent,
                    TenantId = query.TenantId,
                    UserId = query.UserId,
                    SessionId = query.SessionId,
                    IsDeadLetter = query.IsDeadLetter,
                    PageSize = query.PageSize,
                    After = after,
                },
                token);
            runs.AddRange(page.Runs);
            after = page.Next;
            if (after is null)
            {
                return runs;
            }
        }
    }

    private RunSubmission Submission() => new()
    {
        Id = _random.Next(10) == 0 ? Of(_ids) : NewId(),
        Agent = Of(_names[..4]),
        Message = Of(_names),
        Identity = Owner(),
        SessionId = _random.Next(5) == 0 ? null : Of(_names[3..5]),
        OnBusy = Of([SessionBusyPolicy.Enqueue, SessionBusyPolicy.Enqueue, SessionBusyPolicy.Interrupt, SessionBusyPolicy.Rollback, SessionBusyPolicy.Reject]),
        Supersede = _random.Next(2) == 0,
        Priority = Of([0, 1, 9, 5, -3, 12]),
        Delay = _random.Next(4) == 0 ? Of(_spans) : TimeSpan.Zero,
        ExpireAfter = Of(_spans[2..]),
        Metadata = _random.Next(2) == 0 ? new Dictionary<string, string>() : new Dictionary<string, string> { [Of(_names)] = Of(_names) },
        IdempotencyKey = _random.Next(3) == 0 ? Of(_names) : null,
        Fingerprint = _random.Next(2) == 0 ? null : Of(["", "f"]),
        TraceParent = _random.Next(2) == 0 ? null : Of(_names),
    };

    private AgentIdentity Owner() => new()
    {
        UserId = Of(_names[3..5]),
        TenantId = _random.Next(3) == 0 ? null : Of(_names[3..5]),
        Claims = _random.Next(3) == 0 ? [new AgentClaim { Type = Of(_names), Value = Of(_names) }] : [],
    };

    private RunStep Step() => new()
    {
        Key = Of(_keys),
        Kind = Of(Enum.GetValues<RunStepKind>()),
        Name = Of(_names),
        Model = _random.Next(2) == 0 ? null : Of(_names),
        Attempt = 1 + _random.Next(3),
        Usage = _random.Next(2) == 0 ? null : new AgentRunUsage { InputTokens = (1L << 53) + 1, OutputTokens = _random.Next(100), TotalTokens = -1 },
        Cost = _random.Next(3) == 0 ? null : Of(_costs),
        Duration = TimeSpan.FromTicks(_random.Next()),
        HasEffects = _random.Next(6) == 0,
        Version = Version(),
        Fingerprint = _random.Next(2) == 0 ? null : Of(_names),
        Payload = Bytes(),
    };

    private RunWait Wait() => new()
    {
        Key = Of(_keys),
        RequestId = Of(_names[..4]),
        Kind = Of([RunStepKind.Event, RunStepKind.Approval, RunStepKind.Timer]),
        Name = Of(_names[..4]),
        CallId = _random.Next(2) == 0 ? null : Of(_names),
        Arguments = _random.Next(2) == 0 ? null : Json(),
        Reason = _random.Next(2) == 0 ? null : Of(_names),
        Approver = _random.Next(2) == 0 ? null : Of(_names),
        Timeout = _random.Next(2) == 0 ? null : Of(_spans),
        AnswerWhenDue = _random.Next(2) == 0 ? null : Answer(),
        AnswerWhenSuperseded = _random.Next(2) == 0 ? null : Answer(),
    };

    private RunAnswer Answer() => new()
    {
        Decision = Of(["", "approved", .. _names]),
        Payload = Bytes(),
        Version = Version(),
        Event = _random.Next(2) == 0 ? null : Event(),
    };

    private List<AgentRunEvent> Events(int most) => [.. Enumerable.Range(0, _random.Next(most)).Select(_ => Event())];

    private AgentRunEvent Event() => new()
    {
        Type = Of([
            AgentRunEventTypes.StepStarted, AgentRunEventTypes.StepRestarted, AgentRunEventTypes.StepCompleted, AgentRunEventTypes.TextDelta, AgentRunEventTypes.TextDelta,
            AgentRunEventTypes.ReasoningDelta, AgentRunEventTypes.ToolCall]),
        Step = _random.Next(6) == 0 ? null : Of(_keys),
        Kind = _random.Next(2) == 0 ? null : Of(Enum.GetValues<RunStepKind>()),
        Name = _random.Next(2) == 0 ? null : Of(_names),
        Text = _random.Next(3) == 0 ? null : Of(["", .. _names]),
        Arguments = _random.Next(3) == 0 ? Json() : null,
        Cost = _random.Next(3) == 0 ? Of(_costs) : null,
        Approved = _random.Next(3) == 0 ? _random.Next(2) == 0 : null,
        Attempt = _random.Next(3) == 0 ? 0 : null,
        HasEffects = _random.Next(12) == 0,
    };

    private JsonElement Json() => JsonDocument.Parse(Of(["""{"step":"9","text":"no","n":12345678901234567890.5}""", "[]", "\"s\\\"\"", "1e999", "false", "[[[[{}]]]]"])).RootElement;

    private int Version() => _random.Next(8) == 0 ? 2 : 1;

    private byte[] Bytes()
    {
        var bytes = new byte[Of([0, 1, 20, 400_000])];
        _random.NextBytes(bytes);
        return bytes.Length > 1000 && _random.Next(20) > 0 ? [] : bytes;
    }

    private string NewId()
    {
        var id = $"run_{_ids.Count}{Of(_names)}";
        _ids.Add(id);
        return id;
    }

    // Mostly one that may still be there.
    private string Id() => _random.Next(10) > 0 ? Of([.. _ids.TakeLast(16)]) : Of(_ids);

    private T Of<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];

    private async Task TwiceAsync<T>(string what, Func<IRunStore, ValueTask<T>> ask)
    {
        await SameAsync(what, ask);
        if (_random.Next(3) == 0)
        {
            await SameAsync(what + " again", ask);
        }
    }

    private async Task SameAsync<T>(string what, Func<IRunStore, ValueTask<T>> ask)
    {
        var one = await AskAsync(first);
        var two = await AskAsync(second);
        _log.Add($"{what} -> {(one.Length < 200 ? one : one[..200])}");
        Same(what, one, two);

        async Task<string> AskAsync(IRunStore store)
        {
            try
            {
                return Text(await ask(store));
            }
            catch (ArgumentException exception)
            {
                return exception.Message;
            }
            catch (OverflowException exception)
            {
                return exception.Message;
            }
        }
    }

    private void Same(string what, object one, object two)
    {
        var (a, b) = (one as string ?? Text(one), two as string ?? Text(two));
        if (foldsEvents)
        {
            // Memory reads what was said from the events that are left, Redis keeps it: it has more.
            (a, b) = (PartialText().Replace(a, ""), PartialText().Replace(b, ""));
        }

        if (!countsBytes)
        {
            (a, b) = (UnfinishedBytes().Replace(a, ""), UnfinishedBytes().Replace(b, ""));
        }

        if (a != b)
        {
            var at = a.Zip(b).TakeWhile(static pair => pair.First == pair.Second).Count();
            Assert.Fail($"seed {seed}: {what}\n{Around(a, at)}\n{Around(b, at)}\n{string.Join('\n', _log.TakeLast(100))}");
        }

        static string Around(string text, int at) => text[Math.Max(0, at - 300)..Math.Min(text.Length, at + 300)];
    }

    [GeneratedRegex("\"UnfinishedBytes\":\\d+")]
    private static partial Regex UnfinishedBytes();

    [GeneratedRegex("\"PartialText\":(null|\"[^\"]*\")")]
    private static partial Regex PartialText();

    private static string Text(object? value) => JsonSerializer.Serialize(value, _json);
}
