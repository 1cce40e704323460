using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentHosting.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>What code of an attempt does through its context: steps, model calls and waits, read from the journal where they are in it.</summary>
internal sealed class RunSteps(
    RunAttempt attempt, RunEventWriter events, IModelCatalog models, RunGuards guards, TimeProvider timeProvider, ILogger logger, Action onAbandoned)
{
    private const int MaxNameLength = 200;
    private const string DelayName = "delay";
    // Where the code is: tools of one response run side by side on one context.
    private static readonly AsyncLocal<RunScope?> _current = new();
    private readonly RunScope _inStep = RunScope.Step(attempt);
    private RunScope? _root;

    public IChatClient ChatClient => field ??= new CodeChatClient(this, attempt.Agent.ChatClient);

    public static InvalidOperationException NoAttempt() => new(
        "This AgentRunContext belongs to no attempt of a run. Use the one that the agent's code is given, or take it inside a tool from the services that the tool is called with.");

    public static void CheckName(string name, [CallerArgumentExpression(nameof(name))] string? parameter = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
        if (name.Length > MaxNameLength)
        {
            throw new ArgumentException($"It has {name.Length} characters. Use at most {MaxNameLength}.", parameter);
        }
    }

    public RunScope EnterCode() => _root = new RunScope(attempt, "");

    /// <summary>Begins an invocation of a tool in the flow that it runs in.</summary>
    public RunScope EnterTool(string key, RunScope? before)
    {
        before?.Close();
        return _current.Value = new RunScope(attempt, key + "/");
    }

    public IReadOnlyList<ChatMessage> GetConversation() => RunTranscript.Before(attempt);

    public async Task<T> StepAsync<T>(string name, Func<CancellationToken, Task<T>> step, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken)
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(typeInfo);
        var payload = await Current().StepAsync(key => Find(key, RunStepKind.Code, name) is { } journaled
            ? Task.FromResult(journaled.Payload)
            : RunStepAsync(key, name, step, typeInfo, cancellationToken));
        return JournalFormat.ReadValue(payload, typeInfo);
    }

    public async Task<ChatResponse> CallModelAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        await Current().StepAsync(key => CallModelAsync(key, messages, options, cancellationToken));

    public async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => await Current().WaitAsync(
        key => Find(key, RunStepKind.Timer, DelayName), key => OpenAsync(Wait(key, RunStepKind.Timer, DelayName, delay)), delay > TimeSpan.Zero, cancellationToken);

    public async Task<JsonElement?> WaitForEventAsync(string name, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        CheckName(name);
        CheckTimeout(timeout);
        var answer = await Current().WaitAsync(
            key => Find(key, RunStepKind.Event, name), key => OpenAsync(Wait(key, RunStepKind.Event, name, timeout)), isNeeded: true, cancellationToken);
        return JournalFormat.ToolValueOf(answer!.Payload);
    }

    public async Task<AgentRunApproval> AskAsync(
        string name, string question, JsonElement? details, string? approver, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        CheckName(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(question);
        CheckTimeout(timeout);
        var step = (await Current().WaitAsync(key => Find(key, RunStepKind.Approval, name), AskPersonAsync, isNeeded: true, cancellationToken))!;
        var answer = JournalFormat.ReadApproval(step.Payload);
        if (answer.RequestId != RunApprovals.RequestId(attempt.OriginId, step.Key, question, approver))
        {
            throw Mismatch($"Step {step.Key} asks '{name}' in other words, or somebody else, than when it was answered.");
        }

        return new AgentRunApproval { Approved = answer.IsApproved, Reason = answer.IsExpired ? "Nobody answered in time." : answer.Reason, Approver = answer.Approver };

        Task<RunStep?> AskPersonAsync(string key)
        {
            var id = RunApprovals.RequestId(attempt.OriginId, key, question, approver);
            var shown = guards.Shown(details, CallContext());
            var words = guards.Shown(question, CallContext());
            var wait = new RunWait { Key = key, RequestId = id, Kind = RunStepKind.Approval, Name = name, Arguments = shown, Reason = words, Approver = approver, Timeout = timeout };
            return OpenAsync(
                RunApprovals.WithOwnAnswers(wait),
                new AgentRunEvent
                {
                    Type = AgentRunEventTypes.ApprovalRequested,
                    Step = key,
                    Name = name,
                    Arguments = shown,
                    RequestId = id,
                    Reason = words,
                    Approver = approver,
                });
        }
    }

    /// <summary>Text of code as it is stored and shown.</summary>
    public string Shown(string text) => guards.Shown(text, CallContext());

    private async Task<ChatResponse> CallModelAsync(string key, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        Find(key, RunStepKind.Model, attempt.Agent.Name);
        var settings = attempt.Agent.Options;
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var step = new CodeModelStep(key, new RequestFingerprints().OfRequest(sent, options));
        options = options?.Clone() ?? new ChatOptions();
        options.ModelId ??= settings.Model;
        options.MaxOutputTokens ??= settings.MaxOutputTokens;
        options.Temperature ??= settings.Temperature;
#pragma warning disable MEAI001 // Experimental: nothing of it is in our own API.
        options.AllowBackgroundResponses ??= settings.AllowBackgroundResponses ? true : null;
#pragma warning restore MEAI001
        // Not disposed: that would dispose the agent's pipeline, which all runs share.
        var client = new JournalingChatClient(attempt.Agent.ChatClient, attempt, events, models, guards, timeProvider, logger, onAbandoned, step);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, attempt.Stopping);
        return await client.GetResponseAsync(sent, options, linked.Token);
    }

    private static void CheckTimeout(TimeSpan? timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Use a time that is positive, or none.");
        }
    }

    private RunScope Current()
    {
        var scope = (_current.Value is { } current && current.Attempt == attempt ? current : _root)
            ?? throw new InvalidOperationException("Steps, model calls and waits of a run are made by its tools and by the code of an agent. Call this from there.");
        return scope.IsStep
            ? throw new InvalidOperationException("Steps do not nest: inside a step of a run make no other step, model call or wait of it. A step that is replayed is not entered, and what it made would be missing.")
            : scope;
    }

    /// <returns>The step in the journal, which must be the one that the code makes now.</returns>
    private RunStep? Find(string key, RunStepKind kind, string name)
    {
        var step = attempt.FindJournaled(key);
        var wait = step is null ? attempt.Run.Waits.FirstOrDefault(wait => wait.Key == key) : null;
        if ((step?.Kind ?? wait?.Kind ?? kind) == kind && (step?.Name ?? wait?.Name ?? name) == name)
        {
            return step;
        }

        throw Mismatch($"Step {key} is {kind} '{name}' and was {step?.Kind ?? wait!.Kind} '{step?.Name ?? wait!.Name}' when it was made.");
    }

    private RunFailureException Mismatch(string what)
    {
        var exception = new RunFailureException(
            AgentRunErrorCodes.JournalMismatch,
            $"{what} The code has changed since, or its order of steps depends on something outside them. Let runs end before the code changes, or submit the run anew.",
            canRetry: false);
        // Code may catch it, and must not go on.
        attempt.Fail(exception);
        return exception;
    }

    private async Task<ReadOnlyMemory<byte>> RunStepAsync<T>(string key, string name, Func<CancellationToken, Task<T>> step, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken)
    {
        await events.AddAsync(Event(attempt.WasBegunBefore(key) ? AgentRunEventTypes.StepRestarted : AgentRunEventTypes.StepStarted, key, RunStepKind.Code, name, hasEffects: true));
        // Nobody knows what code does: a rollback must find that it has begun.
        await events.FlushOrFailAsync();
        attempt.ThrowIfStopped();
        var started = timeProvider.GetTimestamp();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, attempt.Stopping);
        // For what the step calls; it ends with this method.
        _current.Value = _inStep;
        var payload = JournalFormat.WriteValue(await step(linked.Token), typeInfo);
        await events.CommitStepAsync(
            new RunStep
            {
                Key = key,
                Kind = RunStepKind.Code,
                Name = name,
                Attempt = attempt.Lease.Attempt,
                Duration = timeProvider.GetElapsedTime(started),
                Version = JournalFormat.Version,
                Payload = payload,
                HasEffects = true,
            },
            [Event(AgentRunEventTypes.StepCompleted, key, RunStepKind.Code, name)]);
        attempt.ThrowIfStopped();
        return payload;
    }

    private RunWait Wait(string key, RunStepKind kind, string name, TimeSpan? timeout)
    {
        var wait = new RunWait { Key = key, RequestId = RunApprovals.WaitId(attempt.OriginId, key), Kind = kind, Name = name, Timeout = timeout };
        return timeout is null ? wait : wait.Answered(new RunAnswer
        {
            Decision = "due",
            Payload = JournalFormat.WriteSignal(null),
            Event = Event(AgentRunEventTypes.StepCompleted, key, kind, name),
        });
    }

    /// <returns>The answer, where there is one already.</returns>
    private async Task<RunStep?> OpenAsync(RunWait wait, AgentRunEvent? asked = null) =>
        await events.OpenWaitAsync(wait, asked ?? Event(AgentRunEventTypes.StepStarted, wait.Key, wait.Kind, wait.Name));

    private AgentCallContext CallContext() => new()
    {
        TenantId = attempt.Run.Identity.TenantId,
        UserId = attempt.Run.Identity.UserId,
        SessionId = attempt.Run.SessionId,
        RunId = attempt.Run.Id,
        Agent = attempt.Agent.Name,
        Attempt = attempt.Lease.Attempt,
    };

    private AgentRunEvent Event(string type, string key, RunStepKind kind, string name, bool hasEffects = false) => new()
    {
        HasEffects = hasEffects,
        Type = type,
        Step = key,
        Attempt = attempt.Lease.Attempt,
        Kind = kind,
        Name = name,
    };
}
