using Microsoft.Extensions.AI;

namespace AgentHosting.Core.Tests;

/// <summary>A stream that fails after some updates, and fails again when it is disposed.</summary>
internal sealed class FaultyStream(Exception error, params ChatResponseUpdate[] updates) : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
{
    private int _next = -1;

    public ChatResponseUpdate Current => updates[_next];

    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

    public async ValueTask<bool> MoveNextAsync()
    {
        await Task.Yield();
        return ++_next < updates.Length ? true : throw error;
    }

    public ValueTask DisposeAsync() => ValueTask.FromException(new ObjectDisposedException("connection"));
}
