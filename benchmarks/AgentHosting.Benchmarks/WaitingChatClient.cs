using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>The leaf behind a wait, as every real provider is.</summary>
internal sealed class WaitingChatClient() : DelegatingChatClient(new LeafChatClient())
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return await base.GetResponseAsync(messages, options, cancellationToken);
    }
}
