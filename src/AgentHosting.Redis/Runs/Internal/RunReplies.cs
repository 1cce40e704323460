using System.Globalization;
using System.Text.Json;
using AgentHosting.Redis.Internal;
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
    public static AgentRun Run(RedisResult reply)
    {
        var items = Items(reply);
        var fields = new RunFields(items[1]);
        var submission = fields.Submission;
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
            Identity = new AgentIdentity { UserId = submission.User, TenantId = submission.Tenant, Claims = submission.Claims ?? [] },
            SessionId = fields.Find("sk") is null ? null : fields.Text("sid"),
            Message = fields.Text("message"),
            Priority = (int)fields.Number("prio"),
            Metadata = submission.Metadata ?? new Dictionary<string, string>(),
            Result = fields.Find("result"),
            Error = fields.Find("error") is { } error ? JsonSerializer.Deserialize(error, StoredRunJson.Default.AgentRunError) : null,
            Steps = steps,
            Waits = [.. Items(items[3]).Select(Wait)],
            ClosedApprovals = [.. Items(items[4]).Select(Wait)],
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
        };
    }

    /// <summary>The number of a run in the order of acceptance, from what <c>S.dump</c> made of it.</summary>
    public static long Number(RedisResult reply) => new RunFields(Items(reply)[1]).Number("num");

    /// <summary>A claim, from what <c>S.dump_claim</c> made of it.</summary>
    public static ClaimedRun Claim(RedisResult reply, string workerId, string nonce)
    {
        var items = Items(reply);
        var dump = Items(items[0]);
        var fields = new RunFields(dump[1]);
        var run = Run(items[0]);
        var payloads = Payloads(items[1]);
        return new ClaimedRun
        {
            Lease = new RunLease { RunId = run.Id, Epoch = fields.Number("epoch"), WorkerId = workerId, Nonce = nonce, Attempt = run.Attempts },
            Run = run,
            Journal = [.. Items(dump[2]).Select(entry => Step(entry).Step).Select(step => step.ToStep(payloads.GetValueOrDefault(step.Key)))],
            Session = run.SessionId is { } session && !items[4].IsNull ? Session(session, items[4]) : null,
            UnfinishedSteps = [.. Items(items[2]).Select(Text)],
            Notes = [.. Items(items[3]).Select(static note => Items(note)).Select(static note => new RunStepNote { Key = Text(note[0]), Version = (int)note[1], Payload = Bytes(note[2]) })],
            TraceParent = fields.Submission.TraceParent,
        };
    }

    /// <summary>JSON and payload of one step.</summary>
    public static RunStep? Answer(RedisResult reply)
    {
        if (reply.IsNull)
        {
            return null;
        }

        var items = Items(reply);
        return Step(items[0]).Step.ToStep(Bytes(items[1]));
    }

    public static SessionTranscript Session(string sessionId, RedisResult reply)
    {
        var turns = Items(reply);
        return new SessionTranscript { SessionId = sessionId, Version = turns.Length, Turns = [.. turns.Select(Turn)] };
    }

    public static RunEventPage Events(RedisResult reply, long after, int maxEvents)
    {
        var items = Items(reply);
        var folded = (long)items[1];
        var run = Run(items[6]);
        var events = new List<AgentRunEvent>();
        if (after < folded && maxEvents > 0)
        {
            events.Add(new AgentRunEvent
            {
                Sequence = folded,
                At = RedisTime.ToTime((long)items[2]),
                Type = AgentRunEventTypes.Snapshot,
                RunId = run.Id,
                Status = run.Status,
                Step = TextOrNull(items[3]),
                Text = TextOrNull(items[4]),
            });
            after = folded;
        }

        foreach (var entry in Items(items[5]))
        {
            events.Add(Event((byte[])entry!, ++after, run));
        }

        return new RunEventPage { Events = events, LastSequence = (long)items[0], IsTerminal = run.Status.IsTerminal() };
    }

    private static AgentRunEvent Event(byte[] entry, long sequence, AgentRun run)
    {
        var digits = entry.AsSpan().IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var at = RedisTime.ToTime(long.Parse(entry.AsSpan(0, digits), CultureInfo.InvariantCulture));
        var body = entry.AsSpan(digits + 1);
        int? attempt = body.Length > 0 && body[0] != '{' ? int.Parse(body, CultureInfo.InvariantCulture) : null;
        var runEvent = (char)entry[digits] switch
        {
            'Q' => new AgentRunEvent { Type = AgentRunEventTypes.RunQueued, RunId = run.Id, Agent = run.Agent },
            'B' => new AgentRunEvent { Type = AgentRunEventTypes.RunStarted, RunId = run.Id, Attempt = attempt },
            'W' => new AgentRunEvent { Type = AgentRunEventTypes.RunWaiting, RunId = run.Id },
            'T' => new AgentRunEvent
            {
                Type = EndOf(run.Status),
                RunId = run.Id,
                Attempt = attempt,
                Result = run.Result,
                Error = run.Error,
                Usage = run.Usage,
                Cost = run.Cost,
            },
            _ => JsonSerializer.Deserialize(body, StoredRunJson.Default.AgentRunEvent)!,
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

    private static RunWait Wait(RedisResult reply)
    {
        var items = Items(reply);
        var rest = JsonSerializer.Deserialize((byte[])items[6]!, StoredRunJson.Default.StoredWait)!;
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
            AnswerWhenDue = WaitAnswer(items[7]),
            AnswerWhenSuperseded = WaitAnswer(items[8]),
        };
        return wait.Opened(RedisTime.ToTime((long)items[4]), items[5].IsNull ? null : RedisTime.ToTime((long)items[5]));
    }

    private static RunAnswer? WaitAnswer(RedisResult reply)
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
            Payload = Bytes(items[2]),
            Event = items[3].IsNull ? null : JsonSerializer.Deserialize((byte[])Items(items[3])[4]!, StoredRunJson.Default.AgentRunEvent),
        };
    }

    private static SessionTurn Turn(RedisResult reply)
    {
        var items = Items(reply);
        var (id, version) = (Text(items[0]), (int)items[2]);
        if (Text(items[1]) == "M")
        {
            return new SessionTurn { RunId = id, Version = version, Messages = Bytes(items[3]) };
        }

        var steps = Items(items[6]);
        return new SessionTurn
        {
            RunId = id,
            Version = version,
            Message = Text(items[3]),
            PartialText = TextOrNull(items[4]),
            Unanswered = [.. Items(items[5]).Select(Text)],
            Journal = [.. Enumerable.Range(0, steps.Length / 2).Select(i => Step(steps[2 * i]).Step.ToStep(Bytes(steps[(2 * i) + 1])))],
        };
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Payloads(RedisResult reply)
    {
        var flat = Items(reply);
        var payloads = new Dictionary<string, ReadOnlyMemory<byte>>(flat.Length / 2, StringComparer.Ordinal);
        for (var i = 0; i < flat.Length; i += 2)
        {
            payloads.Add(Text(flat[i]), Bytes(flat[i + 1]));
        }

        return payloads;
    }

    private static ReadOnlyMemory<byte> Bytes(RedisResult reply) => (byte[]?)reply ?? ReadOnlyMemory<byte>.Empty;

    private static string EndOf(AgentRunStatus status) => status switch
    {
        AgentRunStatus.Succeeded => AgentRunEventTypes.RunCompleted,
        AgentRunStatus.Failed => AgentRunEventTypes.RunFailed,
        AgentRunStatus.Cancelled => AgentRunEventTypes.RunCancelled,
        _ => AgentRunEventTypes.RunExpired,
    };
}
