using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentHosting.Mcp.Internal;

/// <summary>
/// Tells what is known of a server without asking it. A server that fails makes the host degraded, never unhealthy: runs go on, and restarting this process
/// would help nobody.
/// </summary>
internal sealed class McpHealthCheck(McpToolSource source) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (await source.IsCircuitOpenAsync(cancellationToken))
        {
            return HealthCheckResult.Degraded($"MCP server '{source.Name}' fails and is left alone for a while.");
        }

        return source.LastFailed ? HealthCheckResult.Degraded($"The last use of MCP server '{source.Name}' failed.")
            : HealthCheckResult.Healthy(source.IsConnected ? "Connected." : "Not connected; the next use connects.");
    }
}
