using System.Runtime.CompilerServices;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Stands above the tool loop and gives it validated tools. Calls that a person must approve go to the caller, and come back with the next request.</summary>
internal sealed class ToolValidationChatClient : StageChatClient
{
    private readonly ToolValidator _validator;
    private readonly IServiceProvider? _services;
    private readonly FunctionInvokingChatClient _loop;

    public ToolValidationChatClient(IChatClient innerClient, ToolValidator validator, IServiceProvider? services)
        : base(innerClient, PipelineStage.ToolValidation)
    {
        _validator = validator;
        _services = services;
        _loop = innerClient.GetService<FunctionInvokingChatClient>() ?? throw new InvalidOperationException(
            "UseToolValidation stands above no tool loop. Add UseFunctionInvocation after it, or wrap the tools of another loop with tool.WithValidation(options).");
    }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var turn = Begin(options);
        var response = await base.GetResponseAsync(await PrepareAsync(turn, messages, cancellationToken), turn.Options, cancellationToken);
        var result = new List<ChatMessage>(response.Messages.Count);
        var changed = turn.NewResults.Count > 0;
        if (changed)
        {
            result.Add(new ChatMessage(ChatRole.Tool, turn.NewResults));
        }

        foreach (var message in response.Messages)
        {
            var requests = turn.TakeRequests(message.Contents, out var kept);
            if (requests.Count == 0)
            {
                result.Add(message);
                continue;
            }

            changed = true;
            if (kept.Count > 0)
            {
                var copy = message.Clone();
                copy.Contents = kept;
                result.Add(copy);
            }

            result.Add(new ChatMessage(ChatRole.Assistant, requests));
        }

        if (changed)
        {
            response.Messages = result;
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var turn = Begin(options);
        var prepared = await PrepareAsync(turn, messages, cancellationToken);
        if (turn.NewResults.Count > 0)
        {
            yield return new ChatResponseUpdate(ChatRole.Tool, turn.NewResults) { MessageId = NewMessageId() };
        }

        await foreach (var update in base.GetStreamingResponseAsync(prepared, turn.Options, cancellationToken))
        {
            var requests = turn.TakeRequests(update.Contents, out var kept);
            if (requests.Count == 0)
            {
                yield return update;
                continue;
            }

            if (kept.Count > 0)
            {
                var copy = update.Clone();
                copy.Contents = kept;
                yield return copy;
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, requests)
            {
                MessageId = NewMessageId(),
                ResponseId = update.ResponseId,
                ConversationId = update.ConversationId,
                CreatedAt = update.CreatedAt,
            };
        }
    }

    private ToolTurn Begin(ChatOptions? options) => _loop.AdditionalTools is { Count: > 0 }
        ? throw new InvalidOperationException("The tool loop below UseToolValidation has AdditionalTools, which it calls without any check. Put them into ChatOptions.Tools.")
        : new ToolTurn(_validator, _loop, _services, options);

    private async ValueTask<IEnumerable<ChatMessage>> PrepareAsync(ToolTurn turn, IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        return ToolApprovalHistory.IsNeeded(list) ? await new ToolApprovalHistory(_validator, turn).ResolveAsync(list, cancellationToken) : list;
    }

    private static string NewMessageId() => Guid.NewGuid().ToString("N");
}
