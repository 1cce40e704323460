using ModelContextProtocol.Client;

namespace AgentHosting.Mcp.Internal;

/// <summary>One connection to a server, from the handshake to its end.</summary>
internal sealed class McpSession(McpClient client) : IAsyncDisposable
{
    private int _changes;

    public McpClient Client { get; } = client;

    /// <summary>Whether the process has ended, or the transport was closed.</summary>
    public bool IsGone => Client.Completion.IsCompleted;

    /// <summary>How often the server has told of a change of its tools. A list that was asked for at a lower count is out of date.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Notes that the server has told of a change of its tools.</summary>
    public void MarkStale() => Interlocked.Increment(ref _changes);

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
