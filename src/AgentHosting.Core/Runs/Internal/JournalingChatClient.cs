using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentHosting.Models;
using AgentHosting.Pricing;
using AgentHosting.Stages.Internal;
using AgentHosting.TokenBudgets;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// Stands inside the tool loop, above the agent's pipeline. A step that is in the journal is replayed; any other is streamed from the pipeline,
/// its text passed on as it comes, and committed before the loop sees the response: no tool starts before its model step is safe.
/// With a step it makes the one call of it for code of the run, which is no part of the conversation.
/// </summary>
internal sealed class JournalingChatClient(
    IChatClient innerClient, RunAttempt attempt, RunEventWriter events, IModelCatalog models, RunGuards guards, TimeProvider timeProvider, ILogger logger, Action onAbandoned, CodeModelStep? code = null)
    : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        attempt.ThrowIfStopped();
        if (code is null && attempt.IsSuspended)
        {
            throw new RunSuspendedException();
        }

        var key = code?.Key ?? attempt.NextModelStep();
        var sent = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var fingerprint = code?.Fingerprint ?? attempt.Requests.OfRequest(sent, options);
        if (attempt.FindJournaled(key) is { } journaled)
        {
            attempt.ThrowIfOther(journaled, RunStepKind.Model, attempt.Agent.Name, fingerprint);
            AddToTranscript(key, journaled.Payload);
            return JournalFormat.ReadResponse(journaled.Payload);
        }

        // Between two rounds nothing of the loop is under way. Of code that is not known.
        if (code is null && attempt.Drain is { HasTimeForRound: false })
        {
            attempt.Stop(RunStopReason.Draining);
            attempt.ThrowIfStopped();
        }

        await events.AddAsync(Event(attempt.WasBegunBefore(key) ? AgentRunEventTypes.StepRestarted : AgentRunEventTypes.StepStarted, key));
        var context = CreateContext(key);
        var started = timeProvider.GetTimestamp();
        var response = await CallAsync(key, fingerprint, sent, options.WithAgentContext(context), context, cancellationToken);
        var payload = Write(response);
        await CommitAsync(key, fingerprint, response, payload, context, timeProvider.GetElapsedTime(started));
        AddToTranscript(key, payload);
        attempt.ThrowIfStopped();
        return JournalFormat.ReadResponse(payload);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (var update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    private static byte[] Write(ChatResponse response)
    {
        try
        {
            return JournalFormat.WriteResponse(response);
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or ArgumentException or InvalidOperationException)
        {
            // The same call again would be paid for again, and be no better.
            throw new RunFailureException(AgentRunErrorCodes.Internal, "The model's answer has no JSON form, so that the run cannot go on from it.", canRetry: false, exception);
        }
    }

    private void AddToTranscript(string key, ReadOnlyMemory<byte> payload)
    {
        if (code is null)
        {
            attempt.Transcript.AddModelStep(key, payload);
        }
    }

    private async Task<ChatResponse> CallAsync(
        string key, string fingerprint, IEnumerable<ChatMessage> messages, ChatOptions options, AgentCallContext context, CancellationToken cancellationToken)
    {
        try
        {
            // On the thread pool: a client that blocks before its first await must not hold up the time limit.
            return await BoundedCall.RunAsync(
                token => Task.Run(() => ReadAsync(key, fingerprint, messages, options, context, token), token), attempt.Agent.Options.ModelCallTimeout, timeProvider, onAbandoned, cancellationToken);
        }
        catch (TimeoutException exception) when (attempt.StopReason == RunStopReason.None)
        {
            throw new RunFailureException(
                AgentRunErrorCodes.ModelCallTimeout, $"The model call took longer than {attempt.Agent.Options.ModelCallTimeout}.", canRetry: true, exception);
        }
        catch (BudgetExceededException exception)
        {
            throw new RunFailureException(AgentRunErrorCodes.BudgetExceeded, exception.Message, canRetry: false, exception);
        }
        catch (AgentRequestRejectedException exception)
        {
            throw new RunFailureException(AgentRunErrorCodes.Rejected, exception.Message, canRetry: false, exception);
        }
        catch (Exception exception) when (attempt.StopReason == RunStopReason.None && exception is not RunFailureException)
        {
            // The provider's own text may hold what its operator would not show; it goes to the log only.
            throw new RunFailureException(AgentRunErrorCodes.ModelCallFailed, $"The model call failed: {Describe(exception)}.", canRetry: true, exception);
        }
    }

    private Task<ChatResponse> ReadAsync(
        string key, string fingerprint, IEnumerable<ChatMessage> messages, ChatOptions options, AgentCallContext context, CancellationToken cancellationToken)
    {
        var answer = new ModelAnswer(
            InnerClient, attempt, events, models, timeProvider, logger, key, fingerprint, context, content => ShowAsync(key, content), () => RestartAsync(key));
        return answer.ReadAsync(messages, options, cancellationToken);
    }

    private async ValueTask RestartAsync(string key)
    {
        if (code is null)
        {
            attempt.Transcript.DropPartialText();
        }

        await events.AddAsync(Event(AgentRunEventTypes.StepRestarted, key));
    }

    private async ValueTask ShowAsync(string key, AIContent content)
    {
        if (content is TextContent { Text: { Length: > 0 } text })
        {
            if (code is null)
            {
                attempt.Transcript.AddPartialText(text);
            }

            await events.AddAsync(new AgentRunEvent { Type = AgentRunEventTypes.TextDelta, Step = key, Attempt = attempt.Lease.Attempt, Text = text });
        }
        else if (content is TextReasoningContent { Text: { Length: > 0 } reasoning })
        {
            await events.AddAsync(new AgentRunEvent { Type = AgentRunEventTypes.ReasoningDelta, Step = key, Attempt = attempt.Lease.Attempt, Text = reasoning });
        }
    }

    private async ValueTask CommitAsync(string key, string fingerprint, ChatResponse response, byte[] payload, AgentCallContext context, TimeSpan duration)
    {
        var price = context.ServedByModel is { } model ? models.Find(model)?.Price : null;
        var usage = response.Usage is null ? null : AgentRunUsage.From(response.Usage);
        // What was charged, failed attempts included, where a budget keeps the books.
        var charged = context.Spend?.Cost;
        var cost = charged ?? (response.Usage is null || price is null ? null : UsageCost.Of(response.Usage, price));
        // Without the zeros at its end that a product keeps.
        cost /= 1.0000000000000000000000000000m;
        var stepEvents = new List<AgentRunEvent>();
        foreach (var (position, call) in JournalFormat.CallsOf(response).Index())
        {
            stepEvents.Add(new AgentRunEvent
            {
                Type = AgentRunEventTypes.ToolCall,
                Step = $"{key}.{position}",
                Name = call.Name,
                CallId = call.CallId,
                Arguments = guards.Shown(JournalFormat.ArgumentsOf(call), context),
            });
        }

        if (usage is not null)
        {
            stepEvents.Add(new AgentRunEvent { Type = AgentRunEventTypes.Usage, Step = key, Model = context.ServedByModel, Usage = usage, Cost = cost });
        }

        stepEvents.Add(Event(AgentRunEventTypes.StepCompleted, key, context.ServedByModel));
        await events.CommitStepAsync(
            new RunStep
            {
                Key = key,
                Kind = RunStepKind.Model,
                Name = attempt.Agent.Name,
                Model = context.ServedByModel,
                Usage = usage,
                Cost = cost,
                Attempt = attempt.Lease.Attempt,
                Duration = duration,
                Version = JournalFormat.Version,
                Fingerprint = fingerprint,
                Payload = payload,
            },
            stepEvents);
        attempt.NoteStepCost(charged ?? 0);
    }

    private AgentRunEvent Event(string type, string key, string? model = null) => new()
    {
        Type = type,
        Step = key,
        Attempt = attempt.Lease.Attempt,
        Kind = RunStepKind.Model,
        Name = attempt.Agent.Name,
        Model = model,
    };

    private AgentCallContext CreateContext(string key) => new()
    {
        // Not the user where there is none: that would be a tenant who has the user's name.
        TenantId = attempt.Run.Identity.TenantId,
        UserId = attempt.Run.Identity.UserId,
        SessionId = attempt.Run.SessionId,
        RunId = attempt.Run.Id,
        Agent = attempt.Agent.Name,
        StepKey = key,
        Attempt = attempt.Lease.Attempt,
        Spend = attempt.NewSpend(),
    };

    private static string Describe(Exception exception) => exception is HttpRequestException { StatusCode: { } status }
        ? $"the provider answered {(int)status}"
        : exception.GetType().Name;
}
