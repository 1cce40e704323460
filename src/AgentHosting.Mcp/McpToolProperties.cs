namespace AgentHosting.Mcp;

/// <summary>The keys of <c>AIFunction.AdditionalProperties</c> that tools of MCP servers carry.</summary>
public static class McpToolProperties
{
    /// <summary>The name of the server, a string.</summary>
    public const string Server = "agenthosting.mcp.server";

    /// <summary>The tool's name as the server gives it, a string.</summary>
    public const string Tool = "agenthosting.mcp.tool";

    /// <summary>The fingerprint of the tool's definition, a string.</summary>
    public const string Fingerprint = "agenthosting.mcp.fingerprint";
}
