using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Continuation tokens are experimental: nothing of them is in our own API.

namespace AgentHosting.Runs.Internal;

/// <summary>Each call is a run.</summary>
internal sealed class AgentRunChatClient(IAgentRunClient runs, string? agent) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("agenthosting", defaultModelId: agent);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var isBackground = options?.AllowBackgroundResponses == true;
        var (token, isNew) = await BeginAsync(messages, options, cancellationToken);
        if (isBackground && isNew)
        {
            return Unfinished(token, options?.ConversationId);
        }

        var run = isBackground ? await runs.GetAsync(token.RunId, cancellationToken) : await WaitAsync(token.RunId, cancelRun: isNew, cancellationToken);
        if (run is null)
        {
            throw Gone(token);
        }

        return run.Status.IsTerminal() ? Finished(run) : Unfinished(token, run.SessionId);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var isBackground = options?.AllowBackgroundResponses == true;
        var (token, isNew) = await BeginAsync(messages, options, cancellationToken);
        if (isBackground && isNew)
        {
            // Before the run says anything: a reader that leaves now could not come back, and nobody else knows of the run.
            yield return new ChatResponseUpdate { Role = ChatRole.Assistant, ResponseId = token.RunId, ModelId = agent, ContinuationToken = token.ToContinuationToken() };
        }

        var writer = new AgentRunUpdateWriter(token.RunId, agent, token.After);
        var isEnded = false;
        try
        {
            // From the first event on, also where a reader goes on: what it was told is part of what the end is compared with.
            await foreach (var runEvent in runs.WatchAsync(token.RunId, after: 0, cancellationToken))
            {
                foreach (var update in writer.Write(runEvent))
                {
                    if (runEvent.Sequence > token.After)
                    {
                        update.ContinuationToken = isBackground ? new AgentRunToken(token.RunId, runEvent.Sequence).ToContinuationToken() : null;
                        yield return update;
                    }
                }
            }

            isEnded = true;
        }
        finally
        {
            if (!isEnded && isNew && !isBackground)
            {
                // Nobody else knows of the run.
                await runs.CancelAsync(token.RunId, CancellationToken.None);
            }
        }

        var run = await runs.GetAsync(token.RunId, cancellationToken) ?? throw Gone(token);
        ThrowIfFailed(run);
        foreach (var update in writer.End(run))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(runs) ? runs
            : null;
    }

    public void Dispose()
    {
        // The runs go on, and the client of them belongs to the host.
    }

    private async ValueTask<(AgentRunToken Token, bool IsNew)> BeginAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        var identity = AgentRunCallReader.IdentityOf(options);
        if (options?.ContinuationToken is { } continuation)
        {
            var token = AgentRunToken.Read(continuation);
            AgentRunCallReader.CheckNoMessages(messages);
            // Somebody else's run is one that there is not.
            return await runs.GetAsync(token.RunId, cancellationToken) is { } run
                && (run.Identity.UserId, run.Identity.TenantId) == (identity.UserId, identity.TenantId)
                ? (token, IsNew: false)
                : throw Gone(token);
        }

        var submission = await runs.SubmitAsync(AgentRunCallReader.Read(messages, options, identity, agent), cancellationToken);
        return (new AgentRunToken(submission.RunId, 0), IsNew: true);
    }

    private async ValueTask<AgentRun?> WaitAsync(string runId, bool cancelRun, CancellationToken cancellationToken)
    {
        try
        {
            return await runs.WaitAsync(runId, cancellationToken);
        }
        catch (OperationCanceledException) when (cancelRun && cancellationToken.IsCancellationRequested)
        {
            // Nobody else knows of the run.
            await runs.CancelAsync(runId, CancellationToken.None);
            throw;
        }
    }

    private ChatResponse Finished(AgentRun run)
    {
        ThrowIfFailed(run);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, run.Result))
        {
            ResponseId = run.Id,
            ConversationId = run.SessionId,
            ModelId = agent ?? run.Agent,
            CreatedAt = run.CompletedAt,
            FinishReason = ChatFinishReason.Stop,
            Usage = AgentRunUpdateWriter.UsageOf(run.Usage),
        };
    }

    private ChatResponse Unfinished(AgentRunToken token, string? session) =>
        new() { ResponseId = token.RunId, ConversationId = session, ModelId = agent, ContinuationToken = token.ToContinuationToken() };

    private static void ThrowIfFailed(AgentRun run)
    {
        if (run.Status != AgentRunStatus.Succeeded)
        {
            throw new AgentRunFailedException(run.Error is { } error ? $"Run '{run.Id}' failed: {error.Message}" : $"Run '{run.Id}' was cancelled.")
            {
                RunId = run.Id,
                Status = run.Status,
                Error = run.Error,
            };
        }
    }

    private static ArgumentException Gone(AgentRunToken token) =>
        new($"There is no run '{token.RunId}' of this caller, or it is no longer kept. Submit the message anew.");
}
