using System.Diagnostics.Metrics;
using AgentHosting.Diagnostics;

namespace AgentHosting.Mcp.Internal;

/// <summary>What is counted of each server. Tools are no tag: their names are the server's to choose, and without bound.</summary>
internal sealed class McpMetrics
{
    private readonly Counter<long>? _calls;
    private readonly Counter<long>? _connections;
    private readonly Counter<long>? _changes;
    private readonly Histogram<double>? _duration;

    public McpMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(AgentHostingDiagnostics.MeterName);
        _calls = meter?.CreateCounter<long>("agenthosting.mcp.calls", "{call}", "Calls of tools of MCP servers.");
        _connections = meter?.CreateCounter<long>("agenthosting.mcp.connections", "{connection}", "Connections to MCP servers.");
        _changes = meter?.CreateCounter<long>("agenthosting.mcp.tool_changes", "{tool}", "Tools whose definition was not the pinned one.");
        _duration = meter?.CreateHistogram<double>("agenthosting.mcp.call.duration", "s", "How long calls of tools of MCP servers took.");
    }

    public void Called(string server, McpCallOutcome outcome, TimeSpan duration)
    {
        var result = outcome switch
        {
            McpCallOutcome.Ok => "ok",
            McpCallOutcome.ToolError => "tool_error",
            McpCallOutcome.ServerError => "server_error",
            McpCallOutcome.TimedOut => "timeout",
            McpCallOutcome.Lost => "lost",
            McpCallOutcome.Unavailable => "unavailable",
            McpCallOutcome.CircuitOpen => "circuit_open",
            McpCallOutcome.Changed => "changed",
            _ => "cancelled",
        };
        _calls?.Add(1, Server(server), new KeyValuePair<string, object?>("agenthosting.mcp.result", result));
        _duration?.Record(duration.TotalSeconds, Server(server), new KeyValuePair<string, object?>("agenthosting.mcp.result", result));
    }

    public void Connected(string server) => _connections?.Add(1, Server(server), new KeyValuePair<string, object?>("agenthosting.mcp.result", "connected"));

    public void ConnectFailed(string server) => _connections?.Add(1, Server(server), new KeyValuePair<string, object?>("agenthosting.mcp.result", "failed"));

    public void Changed(string server, bool isAccepted) =>
        _changes?.Add(1, Server(server), new KeyValuePair<string, object?>("agenthosting.mcp.result", isAccepted ? "accepted" : "refused"));

    private static KeyValuePair<string, object?> Server(string server) => new("agenthosting.mcp.server", server);
}
