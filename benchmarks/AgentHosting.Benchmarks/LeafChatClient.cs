using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.Benchmarks;

/// <summary>A client that does nothing but build its answer: what rows are measured over.</summary>
internal sealed class LeafChatClient : IChatClient
{
    private const int Updates = 20;
    private static readonly ChatResponseUpdate[] Stream =
    [
        .. Enumerable.Range(0, Updates).Select(number => new ChatResponseUpdate(ChatRole.Assistant, "token ")
        {
            FinishReason = number == Updates - 1 ? ChatFinishReason.Stop : null,
        }),
    ];

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "The answer."))
        {
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = 20, OutputTokenCount = 3 },
        });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var update in Stream)
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
