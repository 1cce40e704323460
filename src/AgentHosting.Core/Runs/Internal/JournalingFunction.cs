using AgentHosting.ToolValidation;
using AgentHosting.ToolValidation.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Stands around each tool of a run. A call that is in the journal is replayed; any other is validated, runs within its limits and is
/// committed before the loop goes on. A call that is rejected or fails is answered for, never thrown: the loop would swallow the exception and call the model again.
/// </summary>
internal sealed class JournalingFunction(ValidatedFunction tool, RunAttempt attempt, RunEventWriter events, TimeProvider timeProvider)
    : DelegatingAIFunction(tool)
{
    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        attempt.ThrowIfStopped();
        var invocation = FunctionInvokingChatClient.CurrentContext
            ?? throw new InvalidOperationException("A tool of a run was called outside the run's tool loop.");
        var key = attempt.ToolStep(invocation.FunctionCallIndex);
        var mayCall = attempt.MayCallTool();
        if (attempt.FindJournaled(key) is { } journaled)
        {
            attempt.ToolCalls.Add(Name, null);
            attempt.Transcript.AddToolStep(key, journaled.Payload);
            return JournalFormat.ReadToolResult(journaled.Payload);
        }

        if (attempt.IsAnsweredUnjournaled())
        {
            // The tool did not exist when the model asked for it: the loop said so then, and the model's next answer is built on that.
            return $"Error: Requested function \"{Name}\" not found.";
        }

        await events.AddAsync(Event(attempt.WasBegunBefore(key) ? AgentRunEventTypes.StepRestarted : AgentRunEventTypes.StepStarted, key));
        var started = timeProvider.GetTimestamp();
        var (payload, error) = mayCall
            ? await CallAsync(key, arguments, cancellationToken)
            : Failed(ToolErrorCodes.CallLimit, $"Error: this task may make {attempt.Agent.Options.MaxToolCalls} tool calls and has made them. Answer with what you have.");
        await CommitAsync(key, invocation.CallContent.CallId, payload, error, timeProvider.GetElapsedTime(started));
        attempt.Transcript.AddToolStep(key, payload);
        attempt.ThrowIfStopped();
        return JournalFormat.ReadToolResult(payload);
    }

    private async Task<(byte[] Payload, AgentRunError? Error)> CallAsync(
        string key, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        arguments.Context ??= new Dictionary<object, object?>();
        arguments.Context[AgentToolArguments.IdempotencyKeyName] = $"{attempt.Run.Id}/{key}";
        var outcome = await tool.CallAsync(arguments, cancellationToken);
        return outcome.ErrorCode is { } code
            ? Failed(code, (string)outcome.Value!)
            : (JournalFormat.WriteToolResult(ToolResultKinds.Of(outcome.Value), outcome.Value, JsonSerializerOptions), null);
    }

    private async ValueTask CommitAsync(string key, string callId, byte[] payload, AgentRunError? error, TimeSpan duration) =>
        await events.CommitStepAsync(
            new RunStep
            {
                Key = key,
                Kind = RunStepKind.Tool,
                Name = Name,
                Attempt = attempt.Lease.Attempt,
                Duration = duration,
                Payload = payload,
            },
            [
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

    private AgentRunEvent Event(string type, string key) => new()
    {
        Type = type,
        Step = key,
        Attempt = attempt.Lease.Attempt,
        Kind = RunStepKind.Tool,
        Name = Name,
    };
}
