using ModelContextProtocol.Client;

namespace AgentHosting.Mcp.Internal;

/// <summary>One connection to a server, from the handshake to its end.</summary>
internal sealed class McpSession(McpClient client) : IAsyncDisposable
{
    private int _isStale;

    public McpClient Client { get; } = client;

    /// <summary>Whether the process has ended, or the transport was closed.</summary>
    public bool IsGone => Client.Completion.IsCompleted;

    /// <summary>Notes that the server has told of a change of its tools.</summary>
    public void MarkStale() => Volatile.Write(ref _isStale, 1);

    /// <summary>Whether the server has told of a change since the last time this was asked.</summary>
    public bool TakeStale() => Interlocked.Exchange(ref _isStale, 0) != 0;

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
