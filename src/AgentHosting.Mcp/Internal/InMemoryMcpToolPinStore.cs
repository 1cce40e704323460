using System.Collections.Concurrent;

namespace AgentHosting.Mcp.Internal;

/// <summary>Keeps pins as long as the process lives.</summary>
internal sealed class InMemoryMcpToolPinStore : IMcpToolPinStore
{
    private readonly ConcurrentDictionary<(string Server, string Tool), string> _pins = new();

    public ValueTask<string> GetOrAddAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_pins.GetOrAdd((server, tool), fingerprint));

    public ValueTask SetAsync(string server, string tool, string fingerprint, CancellationToken cancellationToken)
    {
        _pins[(server, tool)] = fingerprint;
        return ValueTask.CompletedTask;
    }
}
