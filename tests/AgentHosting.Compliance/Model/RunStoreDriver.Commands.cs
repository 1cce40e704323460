using AgentHosting.Runs;

namespace AgentHosting.Compliance.Model;

/// <content>What the small numbers of a command mean.</content>
internal sealed partial class RunStoreDriver
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly AgentIdentity[] Owners =
    [
        new() { UserId = "ann" },
        new() { UserId = "bob", TenantId = "t1" },
        new() { UserId = "cy", TenantId = "t1" },
        new() { UserId = "ann", TenantId = "t2" },
    ];

    private static readonly double[] Steps = [1, 1, 1, 1, 1, 1, 1, 2.5, 2.5, 2.5, 2.5, 6, 6, 6, 12, 60];
    private long _batches;

    private Func<ValueTask<string>>? Prepare(RunStoreCommand command) => command.Kind switch
    {
        RunStoreCommandKind.Enqueue => Closed(Submission(command), EnqueueAsync),
        RunStoreCommandKind.FindByKey => Closed(Submission(command), FindByKeyAsync),
        RunStoreCommandKind.Claim => Closed(ClaimRequest(command), ClaimAsync),
        RunStoreCommandKind.Sweep => () => SweepAsync(command.A % 3),
        RunStoreCommandKind.Advance => () => AdvanceAsync(Second * Steps[command.A]),
        RunStoreCommandKind.List => () => ListAsync(command),
        RunStoreCommandKind.DeleteSession => () => DeleteSessionAsync(Owners[command.Target & 3], Session(1 + (command.A & 1))!),
        RunStoreCommandKind.EraseUser => () => EraseUserAsync(Owners[command.Target & 3], 1 + (command.A % 4)),
        RunStoreCommandKind.Renew => () => RenewAsync([.. _leases.Where((_, i) => (i + command.A) % 3 != 0)], Second * 5),
        RunStoreCommandKind.Answer or RunStoreCommandKind.RaiseEvent or RunStoreCommandKind.Cancel or RunStoreCommandKind.Requeue or RunStoreCommandKind.Remove
            or RunStoreCommandKind.ReadEvents => PrepareForRun(command),
        _ => LeaseOf(command) is { } lease ? PrepareForLease(command, lease) : null,
    };

    private Func<ValueTask<string>> PrepareForRun(RunStoreCommand command)
    {
        var id = RunOf(command);
        switch (command.Kind)
        {
            case RunStoreCommandKind.Answer:
                var open = _model.Find(id)?.Open;
                var requestId = open is { Count: > 0 } && command.B < 13 ? open[command.B % open.Count].RequestId : "q" + WaitKey(command);
                return () => AnswerAsync(id, requestId, Decision(command.C));
            case RunStoreCommandKind.RaiseEvent:
                return () => RaiseAsync(id, new() { Name = "n" + Text(command.B & 1), Id = command.C % 3 == 0 ? null : "e" + Text(command.C), Payload = Bytes("raised" + Text(command.C)) });
            case RunStoreCommandKind.Cancel:
                return () => CancelAsync(id);
            case RunStoreCommandKind.Remove:
                return () => RemoveAsync(id);
            case RunStoreCommandKind.ReadEvents:
                return () => ReadAsync(id, command.A, 1 + (command.B % 5));
            default:
                return Closed((id, new RunRequeue { NewRunId = _store.CreateRunId("t1"), KeepJournal = command.B % 3 != 0, ExpireAfter = TimeSpan.FromHours(1) }), RequeueAsync);
        }
    }

    private Func<ValueTask<string>> PrepareForLease(RunStoreCommand command, RunLease lease)
    {
        switch (command.Kind)
        {
            case RunStoreCommandKind.CommitStep:
                var step = Step(command, lease);
                AgentRunEvent[] done = [new() { Type = AgentRunEventTypes.StepCompleted, Step = step.Key, Kind = step.Kind, Name = step.Name }];
                return () => FencedAsync(lease, () => _store.CommitStepAsync(lease, step, done, Token), () => _model.Commit(lease, step, done));
            case RunStoreCommandKind.AppendEvents:
                var batch = command.C % 5 == 0 ? 1 : ++_batches;
                var events = Events(command);
                return () => FencedAsync(lease, () => _store.AppendEventsAsync(lease, batch, events, Token), () => _model.Append(lease, batch, events));
            case RunStoreCommandKind.OpenWait:
                return () => OpenWaitAsync(lease, Wait(command));
            case RunStoreCommandKind.Suspend:
                var suspension = new RunSuspension { Cost = command.A };
                return () => FencedAsync(lease, () => _store.SuspendAsync(lease, suspension, Token), () => _model.Suspend(lease, suspension));
            case RunStoreCommandKind.Release:
                var release = new RunRelease { Failed = (command.A & 1) == 1, Interrupted = (command.A & 2) == 2, Delay = command.B % 4 == 3 ? Second * 2 : default, Cost = command.C };
                return () => FencedAsync(lease, () => _store.ReleaseAsync(lease, release, Token), () => _model.Release(lease, release));
            default:
                var completion = Completion(command);
                return () => FencedAsync(lease, () => _store.CompleteAsync(lease, completion, Token), () => _model.Complete(lease, completion));
        }
    }

    private static Func<ValueTask<string>> Closed<T>(T argument, Func<T, ValueTask<string>> action) => () => action(argument);

    /// <summary>Mostly a run that the command can do something to, sometimes any, and sometimes none.</summary>
    private string RunOf(RunStoreCommand command)
    {
        var fitting = _model.Runs.FindAll(run => command.A >= 13 || command.Kind switch
        {
            RunStoreCommandKind.Answer => run.Open.Count > 0,
            RunStoreCommandKind.Requeue => run.Status == AgentRunStatus.Failed,
            RunStoreCommandKind.RaiseEvent or RunStoreCommandKind.Cancel => !run.IsEnded,
            RunStoreCommandKind.Remove => run.IsEnded,
            _ => true,
        });
        return fitting.Count == 0 || command is { Target: 63, A: 15 } ? "run_0_unknown" : fitting[command.Target % fitting.Count].Id;
    }

    /// <summary>Mostly a lease that is held, sometimes one that was lost long ago.</summary>
    private RunLease? LeaseOf(RunStoreCommand command)
    {
        var held = command.Target >= 56 ? [] : _model.Runs.Select(static run => run.Lease).OfType<RunLease>().ToList();
        held = held.Count == 0 ? _leases : held;
        return held.Count == 0 ? null : held[command.Target % held.Count];
    }

    private RunSubmission Submission(RunStoreCommand command) => new()
    {
        Id = command.Target == 63 && _observed.Count > 0 ? _observed[command.B % _observed.Count].Id : _store.CreateRunId("t1"),
        Agent = (command.Target & 4) == 0 ? "a" : "b",
        Message = "message",
        Identity = Owners[command.Target & 3],
        SessionId = Session(command.A & 3),
        OnBusy = command.B switch { < 9 => SessionBusyPolicy.Enqueue, < 11 => SessionBusyPolicy.Reject, < 13 => SessionBusyPolicy.Interrupt, _ => SessionBusyPolicy.Rollback },
        Supersede = command.B is >= 6 and < 9 or 15,
        Priority = command.C % 3,
        Delay = command.C >= 13 ? Second * 2 : default,
        ExpireAfter = command.A >= 14 ? Second * 3 : TimeSpan.FromHours(1),
        IdempotencyKey = command.Target >= 44 ? "k" + Text(command.A & 1) : null,
        Fingerprint = "f" + Text(command.C & 1),
        TraceParent = "trace" + Text(command.C),
    };

    private static RunClaimRequest ClaimRequest(RunStoreCommand command) => new()
    {
        WorkerId = "w" + Text(command.Target & 1),
        MaxRuns = 1 + (command.A % 3),
        LeaseDuration = command.C % 4 == 0 ? TimeSpan.FromHours(1) : Second * 5,
        JournalVersion = command.C >= 13 ? 1 : int.MaxValue,
        MaxSuspects = (command.C % 5) switch { 0 => 0, 1 => 1, _ => int.MaxValue },
        Agents = (command.B % 6) switch
        {
            0 => new Dictionary<string, int> { ["a"] = 1 },
            1 => new Dictionary<string, int> { ["b"] = 2, ["c"] = 1 },
            _ => new Dictionary<string, int> { ["a"] = 2, ["b"] = 2 },
        },
    };

    private static RunStep Step(RunStoreCommand command, RunLease lease) => new()
    {
        Key = command.A == 15 ? "0" : Text(1 + (command.A % 4)),
        Kind = command.A == 15 ? RunStepKind.Start : RunStepKind.Model,
        Name = "step",
        Attempt = lease.Attempt,
        Usage = new() { InputTokens = command.B, TotalTokens = command.B },
        Cost = command.B,
        HasEffects = command.B >= 13,
        Version = command.C == 15 ? 2 : 1,
        Payload = Bytes("step" + Text(command.C)),
    };

    private static AgentRunEvent[] Events(RunStoreCommand command)
    {
        var step = Text(1 + (command.A % 4));
        return (command.B % 4) switch
        {
            0 => [new() { Type = AgentRunEventTypes.StepStarted, Step = step, HasEffects = command.B == 12 }, new() { Type = AgentRunEventTypes.TextDelta, Step = step, Text = "new" }],
            1 => [new() { Type = AgentRunEventTypes.TextDelta, Step = step, Text = "t" + Text(command.C) }],
            2 => [new() { Type = AgentRunEventTypes.StepRestarted, Step = step }],
            _ => [new() { Type = AgentRunEventTypes.ReasoningDelta, Step = step, Text = "hm" }, new() { Type = AgentRunEventTypes.TextDelta, Step = step, Text = "x" }],
        };
    }

    private static string WaitKey(RunStoreCommand command) => "w" + Text(command.A % 3) + Text(command.B & 1);

    private static RunWait Wait(RunStoreCommand command) => new()
    {
        Key = WaitKey(command),
        RequestId = "q" + WaitKey(command),
        Kind = (command.A % 3) switch { 0 => RunStepKind.Approval, 1 => RunStepKind.Timer, _ => RunStepKind.Event },
        Name = "n" + Text(command.B & 1),
        Timeout = command.C % 4 == 0 ? null : Second * (command.C % 4),
        AnswerWhenDue = command.C % 4 == 3 ? null : new() { Decision = "due", Payload = Bytes("due") },
        AnswerWhenSuperseded = (command.C & 4) == 0 ? null : new() { Decision = "superseded", Payload = Bytes("superseded") },
    };

    private static RunAnswer Decision(int choice) => new()
    {
        Decision = (choice & 1) == 0 ? "yes" : "no",
        Payload = Bytes("answer" + Text(choice)),
        Version = choice == 15 ? 2 : 1,
        Event = choice % 3 == 0 ? new() { Type = AgentRunEventTypes.ApprovalAnswered, Approved = true } : null,
    };

    private static RunCompletion Completion(RunStoreCommand command)
    {
        var status = (command.A % 8) switch { < 3 => AgentRunStatus.Succeeded, < 6 => AgentRunStatus.Failed, 6 => AgentRunStatus.Cancelled, _ => AgentRunStatus.Expired };
        return new()
        {
            Status = status,
            Result = status == AgentRunStatus.Succeeded ? "result" : null,
            Error = status == AgentRunStatus.Failed ? new() { Code = AgentRunErrorCodes.Internal, Message = "failed" } : null,
            Cost = command.B,
            Version = command.C == 15 ? 2 : 1,
            SessionMessages = command.B % 4 == 0 ? default : Bytes("turn" + Text(command.B)),
        };
    }

    private static string? Session(int number) => number == 0 ? null : "s" + Text(number & 1);

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
