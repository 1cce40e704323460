using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.Load.Guards;

/// <summary>A model whose answer is a text that is set, in pieces that are set.</summary>
internal sealed class PiecesChatClient : IChatClient
{
    public string Text { get; set; } = string.Empty;

    public IReadOnlyList<ChatResponseUpdate> Updates { get; set; } = [];

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, Text)) { FinishReason = ChatFinishReason.Stop });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var update in Updates)
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
