using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Stands around each tool of a run. A call that is in the journal is replayed; any other runs within its time limit and is committed before the
/// loop goes on. A tool that fails is answered for, never thrown: the loop would swallow the exception and call the model again.
/// </summary>
internal sealed partial class JournalingFunction(
    AIFunction innerFunction, RunAttempt attempt, RunEventWriter events, TimeProvider timeProvider, ILogger logger)
    : DelegatingAIFunction(innerFunction)
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
            ? await CallAsync(key, invocation, arguments, cancellationToken)
            : Failed("tool_call_limit", $"Error: this task may make {attempt.Agent.Options.MaxToolCalls} tool calls and has made them. Answer with what you have.");
        await CommitAsync(key, invocation.CallContent.CallId, payload, error, timeProvider.GetElapsedTime(started));
        attempt.Transcript.AddToolStep(key, payload);
        attempt.ThrowIfStopped();
        return JournalFormat.ReadToolResult(payload);
    }

    private async Task<(byte[] Payload, AgentRunError? Error)> CallAsync(
        string key, FunctionInvocationContext invocation, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        if (invocation.CallContent.Exception is not null)
        {
            return Failed("invalid_arguments", "Error: the arguments are not valid JSON. Correct them and call again.");
        }

        arguments.Context ??= new Dictionary<object, object?>();
        arguments.Context[AgentToolArguments.IdempotencyKeyName] = $"{attempt.Run.Id}/{key}";
        try
        {
            // On the thread pool: a tool that never yields must not hold up the time limit.
            var result = await BoundedCall.RunAsync(
                token => Task.Run(() => base.InvokeCoreAsync(arguments, token).AsTask(), token),
                attempt.Agent.Options.ToolTimeout,
                timeProvider,
                () => LogAbandoned(logger, Name, attempt.Run.Id),
                cancellationToken);
            return (JournalFormat.WriteToolResult(ToolResultKinds.Of(result), result, JsonSerializerOptions), null);
        }
        catch (TimeoutException exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, Name, attempt.Run.Id);
            return Failed("tool_timeout", $"Error: the tool did not answer within {attempt.Agent.Options.ToolTimeout.TotalSeconds:0.###} seconds.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, Name, attempt.Run.Id);
            return Failed("tool_failed", "Error: the tool failed.");
        }
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
