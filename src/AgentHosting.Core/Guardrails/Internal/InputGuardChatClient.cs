using System.Runtime.CompilerServices;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Checks what a caller sends before anything acts on it.</summary>
internal sealed class InputGuardChatClient(IChatClient innerClient, InputGuard guard) : StageChatClient(innerClient, PipelineStage.InputGuard)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (checkedMessages, score, isTagged) = await InspectAsync(messages, options, cancellationToken);
        var response = await InnerClient.GetResponseAsync(checkedMessages, options, cancellationToken);
        if (isTagged)
        {
            (response.AdditionalProperties ??= [])[InputGuardProperties.InjectionScore] = score;
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (checkedMessages, score, isTagged) = await InspectAsync(messages, options, cancellationToken);
        await foreach (var update in InnerClient.GetStreamingResponseAsync(checkedMessages, options, cancellationToken))
        {
            if (!isTagged)
            {
                yield return update;
                continue;
            }

            // On the first update alone, and on a copy: those below may keep theirs.
            isTagged = false;
            var copy = update.Clone();
            copy.AdditionalProperties = copy.AdditionalProperties?.Clone() ?? [];
            copy.AdditionalProperties[InputGuardProperties.InjectionScore] = score;
            yield return copy;
        }
    }

    private ValueTask<InputFindings> InspectAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return guard.InspectAsync(messages as IReadOnlyList<ChatMessage> ?? [.. messages], options.GetAgentContext(), cancellationToken);
    }
}
