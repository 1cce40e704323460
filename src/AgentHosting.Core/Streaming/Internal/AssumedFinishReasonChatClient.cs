using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.Streaming.Internal;

/// <summary>Adds the finish reason that a provider leaves out. An answer without content stays without one: that is a failure.</summary>
internal sealed class AssumedFinishReasonChatClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        if (response.FinishReason is null && !BackgroundAnswer.GoesOn(response))
        {
            ChatFinishReason? assumed = null;
            foreach (var message in response.Messages)
            {
                assumed = Assume(assumed, message.Contents);
            }

            response.FinishReason = assumed;
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var finished = false;
        ChatFinishReason? assumed = null;
        ChatResponseUpdate? last = null;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            finished |= update.FinishReason is not null;
            assumed = Assume(assumed, update.Contents);
            last = update;
            yield return update;
        }

        if (!finished && assumed is not null && !BackgroundAnswer.GoesOn(last!))
        {
            yield return new ChatResponseUpdate
            {
                Role = last!.Role,
                MessageId = last.MessageId,
                ResponseId = last.ResponseId,
                ConversationId = last.ConversationId,
                ModelId = last.ModelId,
                FinishReason = assumed,
            };
        }
    }

    private static ChatFinishReason? Assume(ChatFinishReason? before, IList<AIContent> contents)
    {
        if (before == ChatFinishReason.ToolCalls || !StreamContent.HasContent(contents))
        {
            return before;
        }

        foreach (var content in contents)
        {
            if (content is FunctionCallContent)
            {
                return ChatFinishReason.ToolCalls;
            }
        }

        return ChatFinishReason.Stop;
    }
}
