using Microsoft.Extensions.AI;

namespace AgentHosting.Mcp.Internal;

/// <summary>The tools of a server as they were at one time, and the session in which they were read.</summary>
internal sealed class McpToolSnapshot(McpSession session, int changes, IReadOnlyList<AIFunction> functions, Dictionary<string, string> accepted, long timestamp)
{
    public McpSession Session => session;

    public IReadOnlyList<AIFunction> Functions => functions;

    public long Timestamp => timestamp;

    /// <summary>Whether the server has told of a change since the list was asked for.</summary>
    public bool IsExpired => session.Changes != changes;

    /// <summary>Whether the server still defines the tool as the function shows it.</summary>
    public bool Holds(McpFunction function) => accepted.TryGetValue(function.Tool.Name, out var fingerprint) && fingerprint == function.Fingerprint;
}
