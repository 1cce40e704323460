using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests.Timeouts;

/// <summary>A client that does not listen to its token.</summary>
internal sealed class DeafChatClient : IChatClient
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the call has ended and, for a stream, its enumerator was disposed.</summary>
    public Task Disposed => _ended.Task;

    public void Release() => _release.TrySetResult();

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await _release.Task;
        _ended.TrySetResult();
        return new ChatResponse();
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            await _release.Task;
            yield return new ChatResponseUpdate(ChatRole.Assistant, "late");
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
