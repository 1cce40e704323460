using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests;

/// <summary>Waits until it is cancelled, and then ends as some clients do: with the error of the socket that was closed under it.</summary>
internal sealed class AbortedSocketChatClient : IChatClient
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await AbortAsync(cancellationToken);
        return new ChatResponse();
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await AbortAsync(cancellationToken);
        yield break;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private async Task AbortAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new IOException("The socket was closed.");
        }
    }
}
