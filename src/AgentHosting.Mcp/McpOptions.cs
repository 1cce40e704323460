namespace AgentHosting.Mcp;

/// <summary>What holds for all MCP servers of the host. Configuration section <c>AgentHosting:Mcp</c>, which wins over code.</summary>
public class McpOptions
{
    /// <summary>A JSON file that keeps the fingerprints of tools, so that a change while the host was down is seen too. Not used where an <see cref="IMcpToolPinStore"/> is registered.</summary>
    /// <value>The default is <see langword="null"/>: they are kept in memory.</value>
    public string? PinFile { get; set; }
}
