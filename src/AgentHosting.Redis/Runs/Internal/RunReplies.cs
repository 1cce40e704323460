using System.Globalization;
using System.Text.Json;
using AgentHosting.PayloadProtection;
using AgentHosting.Redis.Internal;
using AgentHosting.Redis.PayloadProtection.Internal;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>Reads what the scripts of the store reply.</summary>
internal static class RunReplies
{
    public static RedisResult[] Items(RedisResult reply) => (RedisResult[]?)reply ?? [];

    public static string Text(RedisResult reply) => (string?)reply ?? "";

    public static string? TextOrNull(RedisResult reply) => reply.IsNull ? null : (string?)reply;

    /// <summary>A run, from what <c>S.dump</c> made of it.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="seal">Gives its payloads back.</param>
    /// <param name="isLenient">Whether what cannot be read is left out.</param>
    public static AgentRun Run(RedisResult reply, PayloadSeal seal, bool isLenient = false)
    {
        var items = Items(reply);
        var fields = new RunFields(items[1]);
        return Run(items, fields, Payloads(Text(items[0]), fields, seal, isLenient));
    }

    private static RunPayloads Payloads(string runId, RunFields fields, PayloadSeal seal, bool isLenient = false) =>
        new(seal, fields.Submission.Owner, runId, isLenient);

    private static AgentRun Run(RedisResult[] items, RunFields fields, RunPayloads payloads)
    {
        var submission = fields.Submission;
        var content = submission.Open(payloads);
        var epoch = fields.Number("epoch");
        var steps = new List<RunStep>();
        var cost = fields.Cost;
        foreach (var entry in Items(items[2]))
        {
            var (stepEpoch, step) = Step(entry);
            if (step.Kind != RunStepKind.Start)
            {
                steps.Add(step.ForReaders(stepEpoch < epoch));
            }
        }

        return new AgentRun
        {
            Id = Text(items[0]),
            Agent = fields.Text("agent"),
            Status = (AgentRunStatus)fields.Number("status"),
            Identity = new AgentIdentity { UserId = submission.User, TenantId = submission.Tenant, Claims = content.Claims ?? [] },
            SessionId = fields.Find("sk") is null ? null : fields.Text("sid"),
            Message = payloads.OpenText(PayloadKinds.Message, fields.Bytes("message")) ?? "",
            Priority = (int)fields.Number("prio"),
            Metadata = content.Metadata ?? new Dictionary<string, string>(),
            Result = Result(fields, payloads),
            Error = Error(fields, payloads),
            Steps = steps,
            Waits = [.. Items(items[3]).Select(wait => Wait(wait, payloads))],
            ClosedApprovals = [.. Items(items[4]).Select(wait => Wait(wait, payloads))],
            OriginId = fields.Find("origin"),
            RequeuedAs = fields.Find("requeued"),
            Usage = fields.Usage,
            Cost = cost,
            Attempts = (int)fields.Number("attempts"),
            Failures = (int)fields.Number("failures"),
            Crashes = (int)fields.Number("crashes"),
            ElapsedInAttempts = RedisTime.ToSpan(fields.Number("elapsed")),
            CreatedAt = RedisTime.ToTime(fields.Number("created")),
            StartedAt = fields.Time("started"),
            CompletedAt = fields.Time("completed"),
            ExpiresAt = RedisTime.ToTime(fields.Number("expires")),
            // Last: by now all has been looked at.
            Unreadable = payloads.Unreadable,
        };
    }

    /// <summary>The number of a run in the order of acceptance, from what <c>S.dump</c> made of it.</summary>
    public static long Number(RedisResult reply) => new RunFields(Items(reply)[1]).Number("num");

    private static string? Result(RunFields fields, RunPayloads payloads) => payloads.OpenText(PayloadKinds.Result, fields.Bytes("result"));

    private static AgentRunError? Error(RunFields fields, RunPayloads payloads) =>
        payloads.Open(PayloadKinds.Error, fields.Bytes("error")) is { } json ? JsonSerializer.Deserialize(json, StoredRunJson.Default.AgentRunError) : null;

    /// <summary>The lease of a claim, from what <c>S.dump_claim</c> made of it, and whose the run is.</summary>
    public static (RunLease Lease, AgentIdentity Owner) Lease(RedisResult reply, string workerId, string nonce)
    {
        var dump = Items(Items(reply)[0]);
        var fields = new RunFields(dump[1]);
        var lease = new RunLease { RunId = Text(dump[0]), Epoch = fields.Number("epoch"), WorkerId = workerId, Nonce = nonce, Attempt = (int)fields.Number("attempts") };
        return (lease, fields.Submission.Owner);
    }

    /// <summary>A claim, from what <c>S.dump_claim</c> made of it.</summary>
    public static ClaimedRun Claim(RedisResult reply, RunLease lease, PayloadSeal seal)
    {
        var items = Items(reply);
        var dump = Items(items[0]);
        var fields = new RunFields(dump[1]);
        var payloads = Payloads(lease.RunId, fields, seal);
        var run = Run(dump, fields, payloads);
        var steps = StepPayloads(items[1], payloads);
        return new ClaimedRun
        {
            Lease = lease,
            Run = run,
            Journal = [.. Items(dump[2]).Select(entry => Step(entry).Step).Select(step => step.ToStep(steps.GetValueOrDefault(step.Key)))],
            Session = run.SessionId is { } session && !items[4].IsNull ? Session(session, items[4], payloads) : null,
            UnfinishedSteps = [.. Items(items[2]).Select(Text)],
            Notes = [.. Items(items[3]).Select(note => Note(Items(note), payloads))],
            TraceParent = fields.Submission.TraceParent,
        };
    }

    /// <summary>JSON and payload of one step.</summary>
    public static RunStep? Answer(RedisResult reply, RunPayloads payloads)
    {
        if (reply.IsNull)
        {
            return null;
        }

        var items = Items(reply);
        return Step(items[0]).Step.ToStep(StepPayload(items[1], payloads));
    }

    public static SessionTranscript Session(string sessionId, RedisResult reply, RunPayloads payloads)
    {
        var turns = Items(reply);
        return new SessionTranscript { SessionId = sessionId, Version = turns.Length, Turns = [.. turns.Select(turn => Turn(turn, payloads))] };
    }

    public static RunEventPage Events(RedisResult reply, long after, int maxEvents, PayloadSeal seal)
    {
        var items = Items(reply);
        var folded = (long)items[1];
        var dump = Items(items[6]);
        var (id, fields) = (Text(dump[0]), new RunFields(dump[1]));
        var status = (AgentRunStatus)fields.Number("status");
        var payloads = Payloads(id, fields, seal);
        var events = new List<AgentRunEvent>();
        if (after < folded && maxEvents > 0)
        {
            events.Add(new AgentRunEvent
            {
                Sequence = folded,
                At = RedisTime.ToTime((long)items[2]),
                Type = AgentRunEventTypes.Snapshot,
                RunId = id,
                Status = status,
                Step = TextOrNull(items[3]),
                Text = payloads.OpenTexts((byte[]?)items[4]),
            });
            after = folded;
        }

        foreach (var entry in Items(items[5]))
        {
            events.Add(Event((byte[])entry!, ++after, id, fields, payloads));
        }

        return new RunEventPage { Events = events, LastSequence = (long)items[0], IsTerminal = status.IsTerminal() };
    }

    private static AgentRunEvent Event(byte[] entry, long sequence, string runId, RunFields fields, RunPayloads payloads)
    {
        var digits = entry.AsSpan().IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var at = RedisTime.ToTime(long.Parse(entry.AsSpan(0, digits), CultureInfo.InvariantCulture));
        var body = entry.AsSpan(digits + 1);
        int? attempt = body.Length > 0 && body[0] is >= (byte)'0' and <= (byte)'9' ? int.Parse(body, CultureInfo.InvariantCulture) : null;
        var runEvent = (char)entry[digits] switch
        {
            'Q' => new AgentRunEvent { Type = AgentRunEventTypes.RunQueued, RunId = runId, Agent = fields.Text("agent") },
            'B' => new AgentRunEvent { Type = AgentRunEventTypes.RunStarted, RunId = runId, Attempt = attempt },
            'W' => new AgentRunEvent { Type = AgentRunEventTypes.RunWaiting, RunId = runId },
            'T' => new AgentRunEvent
            {
                Type = EndOf((AgentRunStatus)fields.Number("status")),
                RunId = runId,
                Attempt = attempt,
                Result = Result(fields, payloads),
                Error = Error(fields, payloads),
                Usage = fields.Usage,
                Cost = fields.Cost,
            },
            _ => StoredEvent.Read(body, payloads),
        };
        return runEvent.Numbered(sequence, at);
    }

    private static (long Epoch, StoredStep Step) Step(RedisResult entry)
    {
        var bytes = (byte[])entry!;
        var digits = bytes.AsSpan().IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return (
            long.Parse(bytes.AsSpan(0, digits), CultureInfo.InvariantCulture),
            JsonSerializer.Deserialize(bytes.AsSpan(digits + 1), StoredRunJson.Default.StoredStep)!);
    }

    private static RunWait Wait(RedisResult reply, RunPayloads payloads)
    {
        var items = Items(reply);
        var rest = payloads.Open(PayloadKinds.Wait, (byte[])items[6]!) is { } json ? JsonSerializer.Deserialize(json, StoredRunJson.Default.StoredWait)! : new StoredWait();
        var wait = new RunWait
        {
            Key = Text(items[0]),
            RequestId = Text(items[1]),
            Kind = (RunStepKind)(int)items[2],
            Name = Text(items[3]),
            CallId = rest.CallId,
            Arguments = rest.Arguments,
            Reason = rest.Reason,
            Approver = rest.Approver,
            Timeout = rest.Timeout is { } timeout ? TimeSpan.FromTicks(timeout) : null,
            AnswerWhenDue = WaitAnswer(items[7], payloads),
            AnswerWhenSuperseded = WaitAnswer(items[8], payloads),
        };
        return wait.Opened(RedisTime.ToTime((long)items[4]), items[5].IsNull ? null : RedisTime.ToTime((long)items[5]));
    }

    private static RunAnswer? WaitAnswer(RedisResult reply, RunPayloads payloads)
    {
        if (reply.IsNull)
        {
            return null;
        }

        var items = Items(reply);
        return new RunAnswer
        {
            Decision = Text(items[0]),
            Version = (int)items[1],
            Payload = StepPayload(items[2], payloads),
            Event = items[3].IsNull ? null : StoredEvent.Read((byte[])Items(items[3])[4]!, payloads),
        };
    }

    private static SessionTurn Turn(RedisResult reply, RunPayloads payloads)
    {
        var items = Items(reply);
        var (id, version) = (Text(items[0]), (int)items[2]);
        if (Text(items[1]) == "M")
        {
            return new SessionTurn { RunId = id, Version = version, Messages = payloads.Open(PayloadKinds.Turn, (byte[]?)items[3]) };
        }

        var steps = Items(items[6]);
        return new SessionTurn
        {
            RunId = id,
            Version = version,
            Message = payloads.OpenText(PayloadKinds.Message, (byte[]?)items[3]),
            PartialText = payloads.OpenTexts((byte[]?)items[4]),
            Unanswered = [.. Items(items[5]).Select(Text)],
            Journal = [.. Enumerable.Range(0, steps.Length / 2).Select(i => Step(steps[2 * i]).Step.ToStep(StepPayload(steps[(2 * i) + 1], payloads)))],
        };
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> StepPayloads(RedisResult reply, RunPayloads payloads)
    {
        var flat = Items(reply);
        var found = new Dictionary<string, ReadOnlyMemory<byte>>(flat.Length / 2, StringComparer.Ordinal);
        for (var i = 0; i < flat.Length; i += 2)
        {
            found.Add(Text(flat[i]), StepPayload(flat[i + 1], payloads));
        }

        return found;
    }

    private static ReadOnlyMemory<byte> StepPayload(RedisResult reply, RunPayloads payloads) => payloads.Open(PayloadKinds.Step, (byte[]?)reply);

    private static RunStepNote Note(RedisResult[] note, RunPayloads payloads) =>
        new() { Key = Text(note[0]), Version = (int)note[1], Payload = payloads.Open(PayloadKinds.Note, (byte[]?)note[2]) };

    private static string EndOf(AgentRunStatus status) => status switch
    {
        AgentRunStatus.Succeeded => AgentRunEventTypes.RunCompleted,
        AgentRunStatus.Failed => AgentRunEventTypes.RunFailed,
        AgentRunStatus.Cancelled => AgentRunEventTypes.RunCancelled,
        _ => AgentRunEventTypes.RunExpired,
    };
}
