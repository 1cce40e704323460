using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests;

/// <summary>A client made of two functions, for what a script cannot say: callbacks on the token, faults of disposal, answers without a finish reason.</summary>
internal sealed class StubChatClient(
    Func<CancellationToken, Task<ChatResponse>>? respond = null, Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>>? stream = null) : IChatClient
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _calls);
        return respond!(cancellationToken);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _calls);
        return stream!(cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
