using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Stands around each tool of a run. A call that is in the journal is replayed; any other is validated, runs within its limits and is
/// committed before the loop goes on. A call that a person must approve first, or that waits in its own code, is put aside, the run waits, and a later attempt finds the answer in the journal. A call that is rejected or fails is answered for, never thrown: the loop would swallow the exception and call the model again.
/// </summary>
internal sealed class JournalingFunction(ValidatedFunction tool, ToolCall caller, RunAttempt attempt, RunEventWriter events, RunGuards guards, RunSteps steps, TimeProvider timeProvider)
    : DelegatingAIFunction(tool)
{
    // Stands in the loop for a call that waits. The loop's next model call, which would see it, is not made.
    private const string Placeholder = "This call waits for an answer.";

    private const string RepeatReason = "The call was begun and interrupted, and whether it took effect is not known. Approve to make it again, with the same idempotency key; reject to leave it.";

    private static string Told { get; } = $"Error: {RunRepeats.Told(null)}";

    private bool HasEffects => tool.Entry.Settings.HasEffects;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await CallOrReplayAsync(arguments, cancellationToken);
        }
        catch (Exception exception) when (attempt.StopReason == RunStopReason.None)
        {
            // The loop swallows it and calls the model again, which would go on from a step that is not in the journal.
            attempt.Fail(exception);
            throw;
        }
    }

    private async ValueTask<object?> CallOrReplayAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        attempt.ThrowIfStopped();
        var invocation = FunctionInvokingChatClient.CurrentContext
            ?? throw new InvalidOperationException("A tool of a run was called outside the run's tool loop.");
        var key = attempt.ToolStep(invocation.FunctionCallIndex);
        var mayCall = attempt.MayCallTool();
        var fingerprint = RequestFingerprints.OfArguments(invocation.CallContent);
        if (attempt.FindJournaled(key) is { } journaled)
        {
            attempt.ThrowIfOther(journaled, RunStepKind.Tool, Name, fingerprint);
            attempt.ToolCalls.Add(Name, null);
            attempt.Transcript.AddToolStep(key, journaled.Payload);
            return JournalFormat.ReadToolResult(journaled.Payload);
        }

        if (attempt.IsAnsweredUnjournaled())
        {
            // The tool did not exist when the model asked for it: the loop said so then, and the model's next answer is built on that.
            return $"Error: Requested function \"{Name}\" not found.";
        }

        var approval = attempt.FindJournaled(RunApprovals.KeyOf(key)) is { } answer ? JournalFormat.ReadApproval(answer.Payload) : null;
        var started = timeProvider.GetTimestamp();
        // Before all else: that it is not allowed any more, say, would be taken for that it was not made.
        var call = IsInterrupted(key) && !MayAsk(key) ? Interrupted()
            : mayCall ? await CallAsync(key, invocation.CallContent.CallId, approval, arguments, cancellationToken)
            : TooManyCalls();
        if (call is not var (payload, error))
        {
            attempt.Suspend();
            return Placeholder;
        }

        await CommitAsync(key, fingerprint, invocation.CallContent.CallId, payload, error, timeProvider.GetElapsedTime(started));
        attempt.Transcript.AddToolStep(key, payload);
        attempt.ThrowIfStopped();
        return JournalFormat.ReadToolResult(payload);
    }

    /// <returns>What the call came to; <see langword="null"/> when it waits for a person.</returns>
    private async Task<(byte[] Payload, AgentRunError? Error)?> CallAsync(
        string key, string callId, ApprovalAnswer? approval, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        if (approval is { IsApproved: false })
        {
            // It counts, as it does when the run is replayed.
            attempt.ToolCalls.Add(Name, null);
            return Refused(approval);
        }

        arguments.Context ??= new Dictionary<object, object?>();
        arguments.Context[AgentToolArguments.IdempotencyKeyName] = $"{attempt.OriginId}/{key}";
        var (isWaiting, isBegun) = (false, false);
        RunScope? scope = null;
        var outcome = await tool.CallAsync(
            arguments, caller.InStep(AskAsync, BeginAsync, () => (scope = steps.EnterTool(key, scope)).Enter()), cancellationToken);
        if (scope is not null)
        {
            // Also where the tool kept the exception to itself and returned something: it goes on when the answer is there.
            isWaiting = await scope.CloseAsync();
        }

        return isWaiting ? null
            : outcome.ErrorCode is not null && IsInterrupted(key) && !isBegun ? Failed(ToolErrorCodes.OutcomeUnknown, outcome.ErrorCode == ToolErrorCodes.OutcomeUnknown ? (string)outcome.Value! : Told)
            : outcome.ErrorCode is { } code ? Failed(code, (string)outcome.Value!)
            : (JournalFormat.WriteToolResult(ToolResultKinds.Of(outcome.Value), outcome.Value, JsonSerializerOptions), null);

        async ValueTask<ToolOutcome?> AskAsync(ToolEntry entry, ToolArguments read, ToolPolicyContext context, ToolDecision decision, CancellationToken _)
        {
            var id = RunApprovals.RequestId(attempt.OriginId, key, entry, read);
            var policy = decision.Approver ?? entry.Settings.Approver;
            var request = RunApprovals.Request(id, entry, read, callId, key, policy, decision.Reason, context, timeProvider.GetUtcNow(), tool.Validator.Options.ApprovalLifetime);
            return (approval ?? await OpenAsync(RunApprovals.KeyOf(key), request, read)) is { } answer ? Judge(answer, request) : Wait(RunApprovals.NotMade);
        }

        async ValueTask<ToolOutcome?> BeginAsync(ToolEntry entry, ToolArguments read, ToolPolicyContext context)
        {
            StopIfDrained();
            var used = RunRepeats.UsedIn(attempt.FindNote(key));
            var question = RunRepeats.KeyOf(key, used + 1);
            var said = attempt.FindJournaled(question) is { } answered ? JournalFormat.ReadApproval(answered.Payload) : null;
            if (!IsInterrupted(key))
            {
                isBegun = true;
                return await BegunAsync(key, isAgain: attempt.WasBegunBefore(key));
            }

            attempt.NoteBegun(key);
            var policy = approval?.Policy ?? entry.Settings.Approver;
            var request = RunApprovals.Request(
                RunApprovals.RequestId(attempt.OriginId, question, entry, read), entry, read, callId, key, policy, RepeatReason, context, timeProvider.GetUtcNow(), tool.Validator.Options.ApprovalLifetime);
            said ??= await OpenAsync(question, request, read);
            if (said is null)
            {
                return Wait(RunRepeats.NotAnswered);
            }

            if (!said.IsApproved || Judge(said, request) is not null)
            {
                return ToolOutcome.Error(ToolErrorCodes.OutcomeUnknown, RunRepeats.Told(said));
            }

            // The answer holds for one call, and whoever takes over from here asks anew.
            await events.NoteStepAsync(RunRepeats.Used(key, used + 1));
            isBegun = true;
            return await BegunAsync(key, isAgain: true);
        }

        ToolOutcome? Wait(byte[] ifEnded)
        {
            isWaiting = true;
            // For the case that the run is ended now, instead of laid aside.
            attempt.Transcript.AddToolStep(key, ifEnded);
            return new ToolOutcome(Placeholder, ToolErrorCodes.ApprovalRequired);
        }
    }

    /// <summary>
    /// Hands the run back where the call would be cut off when the worker ends. Only where tools run in turn, so that nothing of the loop is under way: others would be cut off by it, and
    /// one that waits for an answer would be taken for interrupted.
    /// </summary>
    private void StopIfDrained()
    {
        if (attempt.Drain is { HasTimeForTool: false } && !attempt.IsSuspended && !attempt.Agent.Options.ConcurrentTools)
        {
            attempt.Stop(RunStopReason.Draining);
            attempt.ThrowIfStopped();
        }
    }

    /// <summary>Says that the step begins. That of a tool with effects is stored before the tool runs: who takes the run over must know that it may have been made.</summary>
    /// <returns>Nothing stands in the way of the call.</returns>
    private async ValueTask<ToolOutcome?> BegunAsync(string key, bool isAgain)
    {
        attempt.NoteBegun(key);
        await events.AddAsync(Event(isAgain ? AgentRunEventTypes.StepRestarted : AgentRunEventTypes.StepStarted, key, begins: true));
        if (HasEffects)
        {
            await events.FlushOrFailAsync();
        }

        return null;
    }

    /// <returns>Why the call is not made; <see langword="null"/> when it is approved.</returns>
    private ToolOutcome? Judge(ApprovalAnswer answer, ToolApprovalRequest request)
    {
        if (!answer.IsApproved)
        {
            return new ToolOutcome(Refused(answer).Error.Message, ToolErrorCodes.Rejected);
        }

        if (answer.RequestId != request.Id || (request.Approver is not null && request.Approver != answer.Policy))
        {
            tool.Validator.Audit.Of(ToolAuditEvent.AnswerRefused, request, answer.Approver, "The tool, or who must approve it, is not what was asked about.");
            return ToolOutcome.Error(ToolErrorCodes.ApprovalRequired, "this call was approved for another state of the tool. It was not made. Do not try it again.");
        }

        tool.Validator.Audit.Of(ToolAuditEvent.Used, request, answer.Approver, answer.Reason);
        return null;
    }

    private async ValueTask<ApprovalAnswer?> OpenAsync(string key, ToolApprovalRequest request, ToolArguments read)
    {
        var shown = guards.Shown(read.Value, caller.Context!);
        var wait = new RunWait
        {
            Key = key,
            RequestId = request.Id,
            Kind = RunStepKind.Approval,
            Name = Name,
            CallId = request.CallId,
            Arguments = shown,
            Reason = request.Reason,
            Approver = request.Approver,
            Timeout = tool.Validator.Options.ApprovalLifetime,
        };
        var answer = await events.OpenWaitAsync(
            RunApprovals.WithOwnAnswers(wait),
            new AgentRunEvent
            {
                Type = AgentRunEventTypes.ApprovalRequested,
                Step = request.Step,
                Name = Name,
                CallId = request.CallId,
                Arguments = shown,
                RequestId = request.Id,
                Reason = request.Reason,
                Approver = request.Approver,
            });
        if (answer is not null)
        {
            return JournalFormat.ReadApproval(answer.Payload);
        }

        tool.Validator.Audit.Of(ToolAuditEvent.ApprovalRequested, request, reason: request.Reason);
        return null;
    }

    /// <summary>Whether an attempt that was lost began the call, which may have taken effect.</summary>
    private bool IsInterrupted(string key) => HasEffects && attempt.WasBegunBefore(key);

    /// <summary>Whether a person decides what becomes of a call that was interrupted, or has decided.</summary>
    private bool MayAsk(string key) =>
        (tool.Entry.Settings.OnUnknownOutcome ?? attempt.Agent.Options.OnUnknownOutcome) == UnknownOutcomePolicy.Ask
        || attempt.FindJournaled(RunRepeats.KeyOf(key, RunRepeats.UsedIn(attempt.FindNote(key)) + 1)) is not null;

    private (byte[] Payload, AgentRunError? Error) Interrupted()
    {
        // It counts, as it does when the run is replayed.
        attempt.ToolCalls.Add(Name, null);
        return Failed(ToolErrorCodes.OutcomeUnknown, Told);
    }

    private (byte[] Payload, AgentRunError? Error) TooManyCalls() => Failed(
        ToolErrorCodes.CallLimit, $"Error: this task may make {attempt.Agent.Options.MaxToolCalls} tool calls and has made them. Answer with what you have.");

    private static (byte[] Payload, AgentRunError Error) Refused(ApprovalAnswer answer) => answer.IsExpired
        ? Failed(ToolErrorCodes.ApprovalRequired, "Error: this call needs the approval of a person, and nobody answered in time. It was not made. Do not try it again.")
        : Failed(ToolErrorCodes.Rejected, $"Error: a person rejected this call, and it was not made.{(answer.Reason is { Length: > 0 } reason ? $" The reason given: {reason}" : "")} Do not try it again.");

    private async ValueTask CommitAsync(string key, string fingerprint, string callId, byte[] payload, AgentRunError? error, TimeSpan duration) =>
        await events.CommitStepAsync(
            new RunStep
            {
                Key = key,
                Kind = RunStepKind.Tool,
                Name = Name,
                Attempt = attempt.Lease.Attempt,
                Duration = duration,
                Version = JournalFormat.Version,
                Fingerprint = fingerprint,
                Payload = payload,
                HasEffects = HasEffects && attempt.IsBegun(key),
            },
            [
                .. attempt.IsBegun(key) ? Array.Empty<AgentRunEvent>() : [Event(AgentRunEventTypes.StepStarted, key)],
                new AgentRunEvent
                {
                    Type = AgentRunEventTypes.ToolResult,
                    Step = key,
                    Name = Name,
                    CallId = callId,
                    ToolResult = JournalFormat.ToolValueOf(payload),
                    Error = error,
                },
                Event(AgentRunEventTypes.StepCompleted, key),
            ]);

    // The model is told what it can act on; what went wrong inside the tool stays in the log.
    private static (byte[] Payload, AgentRunError Error) Failed(string code, string message) =>
        (JournalFormat.WriteToolResult(ToolResultKind.Error, message, JournalFormat.Options), new AgentRunError { Code = code, Message = message });

    private AgentRunEvent Event(string type, string key, bool begins = false) => new()
    {
        Type = type,
        Step = key,
        Attempt = attempt.Lease.Attempt,
        Kind = RunStepKind.Tool,
        Name = Name,
        HasEffects = begins && HasEffects,
    };
}
