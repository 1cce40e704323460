using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Transcripts.Internal;

/// <summary>Repairs the conversation of each call. One that is whole costs a look at it and no allocation.</summary>
internal sealed class TranscriptRepairChatClient(IChatClient innerClient) : StageChatClient(innerClient, PipelineStage.None)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        InnerClient.GetResponseAsync(Repaired(messages), options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        InnerClient.GetStreamingResponseAsync(Repaired(messages), options, cancellationToken);

    private static IReadOnlyList<ChatMessage> Repaired(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return TranscriptRepair.Repair(messages as IReadOnlyList<ChatMessage> ?? [.. messages]);
    }
}
