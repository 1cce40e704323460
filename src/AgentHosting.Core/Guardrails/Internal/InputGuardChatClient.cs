using System.Diagnostics;
using System.Runtime.CompilerServices;
using AgentHosting.Diagnostics;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Checks what a caller sends before anything acts on it.</summary>
internal sealed partial class InputGuardChatClient(IChatClient innerClient, InputGuardOptions guard, ILogger logger, InputGuardMetrics metrics)
    : StageChatClient(innerClient, PipelineStage.InputGuard)
{
    private readonly InputInspector _inspector = new(guard);
    private readonly ILogger _logger = logger;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (checkedMessages, score) = await InspectAsync(messages, options, cancellationToken);
        var response = await InnerClient.GetResponseAsync(checkedMessages, options, cancellationToken);
        if (IsTagged(score))
        {
            (response.AdditionalProperties ??= [])[InputGuardProperties.InjectionScore] = score;
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (checkedMessages, score) = await InspectAsync(messages, options, cancellationToken);
        var isTagged = IsTagged(score);
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

    private async ValueTask<(IReadOnlyList<ChatMessage> Messages, double Score)> InspectAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        try
        {
            var result = await _inspector.InspectAsync(list, options.GetAgentContext(), cancellationToken);
            if (result.Score >= guard.InjectionThreshold)
            {
                metrics.Suspected();
                LogSuspected(result.Score);
                if (guard.Injection == InjectionAction.Tag)
                {
                    Activity.Current?.SetTag(TagNames.GuardScore, result.Score);
                }
            }

            return result;
        }
        catch (InputRejectedException exception)
        {
            metrics.Rejected(exception.Reason);
            LogRejected(exception.Field, exception.Reason);
            throw;
        }
    }

    private bool IsTagged(double score) => guard.Injection == InjectionAction.Tag && score >= guard.InjectionThreshold;

    [LoggerMessage(EventIds.InputGuardRejected, LogLevel.Warning, "The input guard refused a request at {Field}: {Reason}.", EventName = "InputGuardRejected")]
    private partial void LogRejected(string field, string reason);

    [LoggerMessage(EventIds.InputGuardSuspected, LogLevel.Warning, "A request looks like prompt injection, with a score of {Score}. It was let through.", EventName = "InputGuardSuspected")]
    private partial void LogSuspected(double score);
}
